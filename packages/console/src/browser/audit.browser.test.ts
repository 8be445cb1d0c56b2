import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { openBrowser, openView, type View, visit } from './testing/open-browser.ts'

describe('the audit over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 5, sites: false })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/apps')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('is found in the menu, and filtered by its address', async () => {
    const { page } = view
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.waitForURL(/access\/audit$/)
    const table = page.getByRole('table', { name: 'Audit' })
    await table.getByText('session.signIn').first().waitFor()
    await page.getByRole('searchbox', { name: 'Person' }).fill('omar')
    await page.waitForURL(/person=omar/)
    await table.getByText('session.signIn').first().waitFor({ state: 'detached' })
    assert.equal(await table.getByText('dora').count(), 0)
  })

  test('a record opens beside the list with what it changed, and stays over a reload', async () => {
    const { page } = view
    await page.getByRole('table', { name: 'Audit' }).getByRole('link').first().click()
    await page.waitForURL(/record=118/)
    const changes = page.getByRole('table', { name: 'What changed' })
    await changes.getByText('spec.replicas').waitFor()
    assert.equal(await changes.getByText('(secret)').count(), 2)
    await page.reload()
    await changes.getByText('spec.replicas').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.waitForURL(/person=omar$/)
  })

  test('plays a recorded shell again, forward and back', async () => {
    const { page } = view
    await visit(page, '/access/audit?record=119')
    await page.getByRole('button', { name: 'Play the recording' }).click()
    const dialog = page.getByRole('dialog', { name: /^dora in east/ })
    const rows = dialog.locator('.xterm-rows')
    // a minute of nothing takes two seconds
    await rows.filter({ hasText: /ls.*secrets\.txt/s }).waitFor()
    await dialog.getByText('0:03 / 0:03').waitFor()
    await dialog.getByRole('slider', { name: 'Position' }).fill('0.5')
    await rows.filter({ hasNotText: 'secrets.txt' }).waitFor()
    await dialog.getByRole('combobox', { name: 'Speed' }).selectOption('8')
    await dialog.getByRole('button', { name: 'Play' }).click()
    await rows.filter({ hasText: 'secrets.txt' }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: /^Download/ }).click(),
    ])
    assert.match(download.suggestedFilename(), /^shell-6e2a4c1e\.cast$/)
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.search.includes('play='))
    await visit(page, '/access/audit?person=omar')
  })

  test('says whether it is as it was written, and more of it is read on', async () => {
    const { page } = view
    await page.getByRole('status').getByText('Intact: 120 records follow from each other').waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByRole('searchbox', { name: 'Person' }).fill('')
    await page.getByRole('button', { name: 'Older ones' }).click()
    await page.getByRole('button', { name: 'Older ones' }).waitFor({ state: 'detached' })
    assert.deepEqual(view.errors, [])
    assert.deepEqual(view.strayRequests, [])
  })
})
