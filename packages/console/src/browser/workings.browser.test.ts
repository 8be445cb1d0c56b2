import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { measureFirstLoad } from '../../dev/first-load.ts'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { goWithin, openBrowser, openView, visit } from './testing/open-browser.ts'

const rowsOf = (page: Page) => page.getByRole('table').getByRole('row')

describe('the console over a fixture', { timeout: 600_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 5000, sites: true })
    browser = await openBrowser()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('has a first load of at most 300 KB of Brotli', async () => {
    const dist = join(import.meta.dirname, '../../dist')
    const { total } = await measureFirstLoad(dist, ['src/apps/apps-page.tsx', 'src/i18n/zh-cn.ts'])
    assert.ok(total <= 300_000, `${total} bytes`)
  })

  test('finds by the palette, and Enter that confirms pinyin runs nothing', async () => {
    const { page, context } = await openView(browser, server.url, { language: 'zh-CN' })
    await visit(page, '/apps')
    await rowsOf(page).nth(3).waitFor()
    await page.keyboard.press('Control+k')
    const input = page.getByRole('combobox', { name: '搜索或执行' })
    await input.fill('集群')
    // what an input method sends while it confirms its offer
    await input.evaluate((element) => {
      const press = { key: 'Enter', isComposing: true, keyCode: 229, bubbles: true, cancelable: true }
      element.dispatchEvent(new KeyboardEvent('keydown', press))
    })
    assert.equal(await input.isVisible(), true)
    assert.match(page.url(), /\/apps$/)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/fleet$/)
    await context.close()
  })

  test('shows what starts an agent, and how far its cluster has come', async () => {
    const { page, context, errors } = await openView(browser, server.url)
    await visit(page, '/fleet?add=1')
    await page.getByText('It dials Flotilla').click()
    await page.waitForURL(/add=agent/)
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('shop-8')
    await page.getByRole('button', { name: 'Add and show the command' }).click()
    await page.getByText(/^curl -fsSL .* \| kubectl apply -f -$/).waitFor()
    const steps = page.getByRole('list', { name: 'How far it has come' }).getByRole('listitem')
    const states = async () => await steps.getByRole('img').evaluateAll((all) => all.map((one) => one.ariaLabel))
    assert.equal((await states()).length, 5)
    assert.equal((await states())[0], 'done')
    await page.getByRole('button', { name: 'Show the manifest' }).click()
    await page.getByText(/kind: Namespace/).waitFor()
    await steps.filter({ hasText: 'Ready' }).getByRole('img', { name: 'done' }).waitFor()
    assert.deepEqual(
      await states(),
      Array.from({ length: 5 }, () => 'done'),
    )
    await page.getByRole('button', { name: 'Open shop-8' }).click()
    await page.waitForURL(/\/fleet\/shop-8$/)
    assert.deepEqual(errors, [])
    await context.close()
  })

  test('reads on where the browser believes that there is no network', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps')
    await rowsOf(page).nth(3).waitFor()
    await page.evaluate(`dispatchEvent(new Event('offline'))`)
    await goWithin(page, '/apps/shop/shop/history?revision=39')
    await page
      .getByText(/registry\/web:1\.4\.3/)
      .first()
      .waitFor()
    await context.close()
  })

  test('takes one-letter keys on the page and leaves them alone in inputs', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps/shop/shop?cell=web~west~shop-prod')
    await page.getByRole('complementary', { name: 'web in west' }).waitFor()
    await page.getByLabel('Path of the value').press('l')
    assert.equal(await page.getByRole('log').count(), 0)
    await page.getByRole('heading', { name: 'shop', exact: true }).click()
    await page.keyboard.press('l')
    await page.getByRole('log').getByText('POST /order').first().waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('y')
    await page.waitForURL(/configuration/)
    // the dock stays while one moves on
    await page.getByRole('log').getByText('POST /order').first().waitFor()
    await visit(page, '/apps')
    await rowsOf(page).nth(3).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('lye?')
    assert.equal(await page.getByRole('searchbox', { name: 'Filter applications' }).inputValue(), 'lye?')
    await context.close()
  })

  test('follows logs until text is marked, and goes on after', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps/shop/shop?cell=web~east~shop-prod')
    await page.getByRole('complementary').getByRole('button', { name: 'Logs' }).click()
    const line = page.getByRole('log').getByText('GET /cart').first()
    await line.waitFor()
    await line.dblclick()
    await page.getByText('Paused while text is selected').waitFor()
    await page.getByText(/\d+ new/).waitFor()
    await page.getByRole('button', { name: 'Follow', exact: true }).click()
    await page.getByText('Following').waitFor()
    await context.close()
  })

  test('keeps filters in the address: reload and Back restore the same rows', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps')
    await rowsOf(page).nth(3).waitFor()
    await page.getByRole('searchbox', { name: 'Filter applications' }).fill('tax-1')
    await page.getByRole('button', { name: 'Health', exact: false }).first().click()
    await page.getByRole('checkbox', { name: 'Suspended' }).click()
    await page.waitForURL(/health=Suspended/)
    await page.keyboard.press('Escape')
    const byName = page.getByRole('columnheader').getByRole('button', { name: 'Application' })
    await byName.click()
    await page.waitForURL(/sort=-name/)
    await byName.click()
    await page.waitForURL((url) => !url.search.includes('sort'))
    await byName.click()
    await page.waitForURL(/sort=-name/)
    await page.getByRole('link', { name: 'tax-1', exact: true }).waitFor()
    const names = () => page.locator('a.name').allTextContents()
    const before = await names()
    assert.ok(before.length > 1 && before.every((name) => name.includes('tax-1')))
    await page.reload()
    await rowsOf(page).nth(2).waitFor()
    assert.deepEqual(await names(), before)
    await page.locator('a.name').first().click()
    await page.waitForURL(/\/apps\/\w+\/tax/)
    await page.goBack()
    await rowsOf(page).nth(2).waitFor()
    assert.deepEqual(await names(), before)
    await context.close()
  })

  test('says that a list is filtered out, not that there is nothing', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps?q=zzzz')
    await page.getByRole('heading', { name: 'Nothing matches the filter' }).waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await rowsOf(page).nth(3).waitFor()
    await context.close()
  })

  test('says why an action is not allowed, and does not run it', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/fleet/east')
    const remove = page.getByRole('button', { name: 'Remove…' })
    await remove.waitFor()
    await page.waitForFunction(() => document.querySelector('[aria-description*="delete"]') !== null)
    assert.equal(await remove.getAttribute('aria-disabled'), 'true')
    assert.match((await remove.getAttribute('aria-description')) ?? '', /platform administrator/)
    await remove.focus()
    await page.keyboard.press('Enter')
    assert.equal(await page.getByRole('dialog', { name: /Remove east/ }).count(), 0)
    await context.close()
  })

  test('draws only what is seen of a long list, and scrolls it without a long frame', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps')
    await rowsOf(page).nth(3).waitFor()
    for (let pages = 0; pages < 4; pages++) {
      const before = await page.getByRole('table').getAttribute('aria-rowcount')
      await page.getByRole('button', { name: 'Show more' }).click()
      await page.getByText(`${(pages + 2) * 200} of 5000`).waitFor()
      assert.equal(before, '5001')
    }
    assert.ok((await rowsOf(page).count()) < 120)
    const scrolled = await page.evaluate(async () => {
      const scroller = document.querySelector('.table-scroll')
      if (scroller === null) throw new Error('no table')
      for (let step = 0; step < 40; step++) {
        scroller.scrollTop += 700
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return { top: scroller.scrollTop, drawn: scroller.querySelectorAll('tbody tr:not(.spacer)').length }
    })
    assert.ok(scrolled.top > 20_000 && scrolled.drawn > 10 && scrolled.drawn < 120, JSON.stringify(scrolled))
    await context.close()
  })

  test('gathers edge sites in one column until it is opened', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps/shop/shop')
    const matrix = page.getByRole('table', { name: 'Components by cluster' })
    await matrix.waitFor()
    assert.equal(await matrix.getByRole('columnheader').count(), 5)
    await matrix.getByRole('button', { name: /edge · 24 clusters/ }).click()
    await page.waitForURL(/open=edge/)
    await matrix.getByRole('columnheader', { name: 'edge-24' }).waitFor()
    assert.equal(await matrix.getByRole('columnheader').count(), 28)
    await context.close()
  })

  test('narrows everything to the clusters of the filter, and carries it along', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps/shop/shop?cluster=west')
    const matrix = page.getByRole('table', { name: 'Components by cluster' })
    await matrix.waitFor()
    assert.equal(await matrix.getByRole('columnheader').count(), 2)
    await page.getByRole('link', { name: /^Fleet/ }).click()
    await page.waitForURL(/fleet\?cluster=west/)
    await page.getByRole('link', { name: 'west' }).waitFor()
    assert.equal(await page.locator('a.name').count(), 1)
    await context.close()
  })

  test('keeps a draft over a reload, and shows the same document as a form', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps/shop/shop/edit?view=form')
    await page.getByLabel('Targets at the same time').fill('3')
    await page.reload()
    await page.getByText('A draft from before is shown.').waitFor()
    assert.equal(await page.getByLabel('Targets at the same time').inputValue(), '3')
    await page.getByText('YAML', { exact: true }).click()
    const editor = page.getByRole('textbox', { name: 'Application as YAML' })
    await editor.press('Control+End')
    await editor.getByText('maxConcurrency: 3').waitFor()
    await page.getByRole('button', { name: 'Start over' }).click()
    await editor.press('Control+End')
    await editor.getByText('maxConcurrency: 6').waitFor()
    await context.close()
  })

  test('underlines what the schema refuses and holds the save back, saying why', async () => {
    const { page, context } = await openView(browser, server.url)
    await visit(page, '/apps/shop/shop/edit')
    const editor = page.getByRole('textbox', { name: 'Application as YAML' })
    await editor.getByText('apiVersion').first().waitFor()
    await editor.press('Control+End')
    await page.keyboard.type('  pausd: true\n')
    await page.getByText('“pausd” is not a field here').first().waitFor()
    const save = page.getByRole('button', { name: 'Save' })
    assert.equal(await save.getAttribute('aria-disabled'), 'true')
    assert.match((await save.getAttribute('aria-description')) ?? '', /1 problem/)
    await context.close()
  })
})
