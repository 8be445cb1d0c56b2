import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { openBrowser, openView, type View, visit } from './testing/open-browser.ts'

describe('objects of all clusters over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 5, sites: false })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/resources')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('are filtered and sorted by the server, and the address says how', async () => {
    const { page } = view
    await page.waitForURL(/resources\/pods/)
    const table = page.getByRole('table', { name: 'Pods' })
    await table.getByText('checkout-7d9f-0', { exact: true }).waitFor()
    await page.getByText(/north did not answer/).waitFor()
    await page.getByRole('button', { name: /^Any state/ }).click()
    await page.getByRole('checkbox', { name: /CrashLoopBackOff/ }).check()
    await page.waitForURL(/state=CrashLoopBackOff/)
    await page.keyboard.press('Escape')
    await table.getByRole('button', { name: 'Age', exact: true }).click()
    await page.waitForURL(/sort=created/)
    await table.getByRole('link', { name: 'node-2' }).first().click()
    await page.waitForURL(/node=node-2/)
    const rows = table.getByRole('row')
    await page.getByRole('button', { name: 'Without Node: node-2' }).waitFor()
    // the rows of before stay until the server has answered
    await table.getByRole('link', { name: 'node-3' }).first().waitFor({ state: 'detached' })
    const texts = await rows.allTextContents()
    assert.ok(
      texts.length > 1 && texts.slice(1).every((text) => /CrashLoopBackOff.*node-2/.test(text)),
      texts.join('\n'),
    )
    await page.getByRole('button', { name: 'Without Node: node-2' }).click()
    await page.waitForURL((url) => !url.search.includes('node='))
  })

  test('open beside the list with their YAML and their logs', async () => {
    const { page } = view
    await page
      .getByRole('table', { name: 'Pods' })
      .getByRole('link', { name: /-7d9f-/ })
      .first()
      .click()
    await page.waitForURL(/open=/)
    const drawer = page.getByRole('dialog', { name: /^Pod / })
    await drawer.getByText('kubeletVersion').waitFor()
    await drawer.getByRole('button', { name: 'Logs', exact: true }).click()
    await page.getByRole('log').waitFor()
    await page
      .getByRole('button', { name: /^Close the tab|Close logs/ })
      .first()
      .or(page.locator('.dock-close'))
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
  })

  test('have a place for each kind', async () => {
    const { page } = view
    await page.getByRole('navigation', { name: 'Kinds of objects' }).getByRole('link', { name: 'Nodes' }).click()
    const nodes = page.getByRole('table', { name: 'Nodes' })
    await nodes.getByText('v1.33.2').first().waitFor()
    assert.equal(await nodes.getByRole('row').count(), 7)
  })
})
