import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { findViolations } from './testing/find-violations.ts'
import { goWithin, openBrowser, openView, type View, visit } from './testing/open-browser.ts'

const restored = (pod: string): string => {
  const tabs = [{ id: 'shell:x', shell: { cluster: 'east', namespace: 'shop', pod } }]
  return JSON.stringify({ tabs, active: 'shell:x', height: 240 })
}

describe('a terminal over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  let page: Page
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 5, sites: false })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    page = view.page
    await visit(page, '/resources/pods')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })
  const screen = () => page.locator('.terminal-screen .xterm-rows')
  const shows = (text: RegExp) => screen().filter({ hasText: text }).waitFor()
  const type = async (text: string) => {
    await page.keyboard.type(text)
    await page.keyboard.press('Enter')
  }

  test('opens with s on a row, says its size, and has the focus', async () => {
    const row = page.getByRole('link', { name: 'checkout-7d9f-0', exact: true })
    await row.focus()
    await page.keyboard.press('s')
    await page.getByRole('tab', { name: /^Shell · checkout-7d9f-0/ }).waitFor()
    await page.getByText('Connected, as you').waitFor()
    await type('size')
    await shows(/\{"Width":\d{2,3},"Height":\d{1,2}\}/)
    await page.getByRole('separator', { name: 'Height of the dock' }).focus()
    for (let steps = 0; steps < 8; steps++) await page.keyboard.press('ArrowUp')
    await page.locator('.terminal-screen .xterm-screen').click()
    await type('size')
    await shows(/\{"Width":\d+,"Height":[2-9]\d\}/)
    assert.equal(await page.title(), 'Pods · Flotilla', 'what runs there does not name the page')
  })

  test('keeps keys of the page from acting, and stays while one moves on', async () => {
    // "?" would open the list of keys, Ctrl-K the palette
    await page.keyboard.type('?')
    await page.keyboard.press('Control+k')
    await page.keyboard.press('Enter')
    await shows(/ran \?/)
    assert.equal(await page.getByRole('dialog').count(), 0)
    await goWithin(page, '/fleet')
    await page.getByRole('heading', { name: 'Fleet' }).first().waitFor()
    await shows(/ran \?/)
    await type('still')
    await shows(/ran still/)
  })

  test('has no serious fault for those who do not see it', async () => {
    assert.deepEqual(await findViolations(page), [])
  })

  test('pastes without escapes', async () => {
    await page.evaluate(`(() => {
      const data = new DataTransfer()
      data.setData('text/plain', 'a\\u001b[31mb')
      const target = document.querySelector('.xterm-helper-textarea')
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })()`)
    await page.keyboard.press('Enter')
    await shows(/ran a\[31mb/)
  })

  test('connects again by itself, keeps what was said, and says that the shell is new', async () => {
    await type('drop')
    await shows(/the connection was lost/)
    await shows(/this is a new shell/)
    await shows(/ran still/)
    await type('again')
    await shows(/ran again/)
  })

  test('ends with the shell, and Enter opens another', async () => {
    await type('exit')
    await page.getByRole('button', { name: 'Open again' }).waitFor()
    await shows(/exit code 0/)
    await page.keyboard.press('Enter')
    await page.getByText('Connected, as you').waitFor()
    await page.keyboard.press('Shift+Escape')
    assert.equal(await page.evaluate(`document.activeElement?.getAttribute('role')`), 'tab')
  })

  test('goes to another container, and beside another shell', async () => {
    await page.getByRole('combobox', { name: 'Container' }).selectOption('proxy')
    await shows(/this is a new shell/)
    await page.getByRole('button', { name: 'Another shell in this pod' }).click()
    await page.getByRole('tab', { name: /· 2$/ }).waitFor()
    assert.equal((await page.getByRole('tab').count()) >= 2, true)
  })

  test('says which right is missing, and when an image has no shell', async () => {
    for (const [pod, words] of [
      ['secret', /It takes “create” on pods\/exec in shop · east/],
      ['distroless', /The image of web has no shell/],
    ] as const) {
      const other = await openView(browser, server.url)
      await other.context.addInitScript(`sessionStorage.setItem('flotilla.dock', ${JSON.stringify(restored(pod))})`)
      await visit(other.page, '/fleet')
      await other.page.getByText(words).waitFor()
      assert.deepEqual([other.errors, other.strayRequests], [[], []])
      await other.context.close()
    }
    assert.deepEqual([view.errors, view.strayRequests], [[], []])
  })
})
