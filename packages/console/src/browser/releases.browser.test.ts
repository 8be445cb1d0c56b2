import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { basePath, type ReleaseDetail, type RolloutDetail } from '@flotilla/api'
import type { Browser, Page } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { findViolations } from './testing/find-violations.ts'
import { goWithin, openBrowser, openView, type View, visit } from './testing/open-browser.ts'

const stages = (page: Page) => page.getByRole('region', { name: 'Stages' })

describe('releases over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 18, sites: true })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/apps')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('are listed with what they wait for, and only those that wait for approval where that is asked', async () => {
    const { page } = view
    await goWithin(page, '/releases')
    const table = page.getByRole('table', { name: 'Releases' })
    const row = (name: string) => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
    await row('cart-42').getByText('needs a decision').waitFor()
    await row('cart-42').getByText('web 2.3.0 (web:1.4.3)').waitFor()
    await row('cart-41').getByText('Active').waitFor()
    await page.getByText('1 waits for approval · 1 paused, waits for a decision').waitFor()
    await page.getByRole('button', { name: 'Waiting for approval' }).click()
    await page.waitForURL(/waits=approval/)
    await row('cart-42').waitFor({ state: 'detached' })
    assert.deepEqual(await table.locator('a.name').allTextContents(), ['search-7'])
    await page.reload()
    await row('search-7').waitFor()
    assert.equal(await table.locator('a.name').count(), 1)
    await page.getByRole('searchbox', { name: 'Filter releases' }).fill('nothing like it')
    await page.getByRole('heading', { name: 'Nothing matches the filter' }).waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await row('cart-42').waitFor()
  })

  test('one shows its stages with what they found beside the difference of the target that failed', async () => {
    const { page } = view
    await page.getByRole('table', { name: 'Releases' }).getByRole('link', { name: 'cart-42' }).click()
    await page.waitForURL(/releases\/shop\/cart-42$/)
    await page.getByText('Paused in wave-1:').waitFor()
    const graph = stages(page)
    await graph.getByText('209 passed, 3 failed').waitFor()
    await graph.getByText('1 of 1 approved by omar').waitFor()
    await graph.getByText('Left for when its cluster is back').waitFor()
    await graph.getByText('north came after the start and has no part in it.').waitFor()
    assert.equal(await graph.getByText('edge-24').count(), 0)
    await graph.getByRole('button', { name: 'Show all 23 targets' }).click()
    await page.waitForURL(/all=wave-2/)
    await graph.getByText('edge-24').waitFor()
    const difference = page.getByRole('region', { name: 'Difference to what ran before' })
    const target = difference.getByRole('combobox', { name: 'Target' })
    assert.equal(await target.inputValue(), 'west~shop-prod')
    await difference.getByText('token: (secret)').waitFor()
    await difference.getByRole('table', { name: 'Components' }).getByText('web:1.4.3').waitFor()
    await target.selectOption('hub~shop-prod')
    await page.waitForURL(/target=hub/)
    await difference.getByText('3 objects · hub').waitFor()
    await graph.getByRole('button', { name: 'Log of smoke · west' }).click()
    await page.waitForURL(/log=/)
    await page.getByRole('log', { name: 'Log of smoke · west' }).getByText('FAIL cart: pays twice').waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.search.includes('log='))
  })

  test('says why an action is not for now, and needs a reason to skip', async () => {
    const { page } = view
    const skip = stages(page).getByRole('button', { name: 'Skip west…' })
    await skip.click()
    const dialog = page.getByRole('dialog', { name: 'Skip west' })
    const submit = dialog.getByRole('button', { name: 'Skip' })
    await submit.waitFor()
    assert.equal(await submit.isDisabled(), true)
    await dialog.getByLabel('Reason').fill('west is drained')
    await submit.click()
    await page.getByText('west is skipped').waitFor()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'More' }).click()
    const freeze = page.getByRole('menuitem', { name: 'Freeze' })
    await freeze.waitFor()
    assert.equal(await freeze.getAttribute('aria-disabled'), 'true')
    await freeze.getByText('Freeze').hover()
    await page.getByRole('tooltip').getByText('It is frozen already').waitFor()
    await page.keyboard.press('Escape')
  })

  test('goes on, pauses and says so, without a reload', async () => {
    const { page } = view
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('cart-42 goes on').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused by ada:').waitFor()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
  })

  test('is kept true by the live stream', async () => {
    const { page } = view
    const run = await ask<RolloutDetail>(page, '/projects/shop/rollouts/cart-42-1')
    server.say({
      topic: 'rollout',
      key: 'shop/cart-42-1',
      row: { ...run, phase: 'Running', paused: undefined, waitingFor: 'edge-01 to be healthy' },
    })
    await page.getByText('edge-01 to be healthy').first().waitFor()
    const release = await ask<ReleaseDetail>(page, '/projects/shop/releases/cart-42')
    server.say({ topic: 'releases', key: 'shop/cart-42', row: { ...release, title: 'Checkout v3' } })
    await page.getByRole('heading', { name: 'cart-42 · Checkout v3' }).waitFor()
  })

  test('is approved in two clicks, the difference shown first, by the digest that was shown', async () => {
    const { page } = view
    await goWithin(page, '/releases/shop/search-7')
    await page.getByText('Waiting for approval in production:').waitFor()
    await page.getByRole('button', { name: 'Approve…', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Approve search-7' })
    await dialog.getByText('Step go-ahead of stage production waits for it.').waitFor()
    await dialog.getByText('digest 777777777777').waitFor()
    await dialog
      .getByRole('region', { name: 'Difference to what ran before' })
      .getByText('CHECKOUT_V2: "on"')
      .first()
      .waitFor()
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/approvals'))
    await dialog.getByRole('button', { name: 'Approve' }).click()
    const given: unknown = (await sent).postDataJSON()
    assert.deepEqual(given, {
      release: 'search-7',
      digest: `hmac-sha256:${'7'.repeat(64)}`,
      decision: 'Approved',
      rollout: 'search-7-1',
      stage: 'production',
      step: 'go-ahead',
    })
    await dialog.waitFor({ state: 'detached' })
    await stages(page).getByText('1 of 1 approved by ada').waitFor()
    await page.getByRole('link', { name: 'Approvals' }).click()
    await page.getByRole('table', { name: 'Approvals' }).getByRole('cell', { name: 'ada' }).waitFor()
  })

  test('starts by a plan that carries it, after one that does not said why, and leads to the run', async () => {
    const { page } = view
    await goWithin(page, '/releases/shop/search-8?cluster=east')
    await page.getByRole('heading', { name: 'search-8' }).waitFor()
    await page.getByRole('button', { name: 'Start…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Start search-8' })
    const plan = dialog.getByRole('combobox', { name: 'Plan' })
    const start = dialog.getByRole('button', { name: 'Start' })
    await plan.selectOption('night')
    await dialog.getByText('Stage moon selects none of the targets of the release').waitFor()
    await dialog.getByText('No stage takes stage, hub, and east: they keep what they have.').waitFor()
    assert.equal(await start.isDisabled(), true)
    await plan.selectOption('waves')
    await dialog.getByText('Nothing stands against it.').waitFor()
    await dialog.getByRole('list', { name: 'Stages' }).getByText('east and hub').waitFor()
    await start.click()
    // the filter of the page is carried along, and the dialog is gone with the address
    await page.waitForURL(
      (url) => url.searchParams.get('run') === 'search-8-1' && url.searchParams.get('cluster') === 'east',
    )
    await dialog.waitFor({ state: 'detached' })
    assert.equal(new URL(page.url()).searchParams.has('open'), false)
    await stages(page).getByText('applying').waitFor()
  })

  test('starts in a part of its targets only, what cannot be taken back said first', async () => {
    const { page } = view
    await goWithin(page, '/releases/shop/cart-40?open=start')
    const dialog = page.getByRole('dialog', { name: 'Start cart-40' })
    await dialog.getByRole('combobox', { name: 'Plan' }).selectOption('waves')
    await dialog.getByText('Migrations that cannot be taken back: migrate.').waitFor()
    await dialog.getByRole('radio', { name: 'Only some of them' }).check()
    const start = dialog.getByRole('button', { name: 'Start' })
    await dialog.getByText('Tick at least one target.').waitFor()
    assert.equal(await start.isDisabled(), true)
    await dialog.getByRole('checkbox', { name: /^hub\/shop-prod/ }).check()
    await dialog.getByText('1 of 5').waitFor()
    await dialog.getByText('The other targets keep what they have.').waitFor()
    // the stage with the migration has no target of this run
    await dialog.getByText('Migrations that cannot be taken back').waitFor({ state: 'detached' })
    await dialog.getByRole('list', { name: 'Stages' }).getByText('no target').waitFor()
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/rollouts'))
    await start.click()
    assert.deepEqual((await sent).postDataJSON(), {
      release: 'cart-40',
      plan: 'waves',
      digest: `hmac-sha256:${'a'.repeat(64)}`,
      targets: [{ cluster: 'hub', namespace: 'shop-prod' }],
    })
    await dialog.waitFor({ state: 'detached' })
  })

  test('goes back as a new run: what it goes back to is shown first, a reason is needed', async () => {
    const { page } = view
    await goWithin(page, '/releases/shop/cart-42?cluster=west')
    // the page before has such a button, too
    await page.getByRole('heading', { name: /^cart-42/ }).waitFor()
    await page.getByRole('button', { name: 'Roll back…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Roll back cart-42' })
    const changes = dialog.getByRole('region', { name: 'What changes' })
    await changes.getByText('Goes back to cart-41').waitFor()
    await changes.getByText('+   CHECKOUT_V2: "off"').first().waitFor()
    await changes.getByText('-   CHECKOUT_V2: "on"').first().waitFor()
    const force = dialog.getByRole('checkbox', { name: /drop-old-carts/ })
    const submit = dialog.getByRole('button', { name: 'Roll back' })
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('orders are lost')
    await dialog.getByText('Without it nothing goes back.').waitFor()
    assert.equal(await submit.isDisabled(), true)
    await force.check()
    const sent = page.waitForRequest((request) => request.url().endsWith('/cart-42-1/rollback'))
    await submit.click()
    assert.deepEqual((await sent).postDataJSON(), { reason: 'orders are lost', force: true })
    await page.waitForURL(
      (url) => url.searchParams.get('run') === 'cart-42-1-back' && url.searchParams.get('cluster') === 'west',
    )
    await dialog.waitFor({ state: 'detached' })
    await page.getByText(/^Rolling back in /).waitFor()
    // beside the run that takes it back stands what that run changes
    await page.getByRole('region', { name: 'What changes' }).getByText('-   CHECKOUT_V2: "on"').first().waitFor()
    // the run before is one choice away
    await stages(page).getByRole('combobox', { name: 'Rollout' }).selectOption('cart-42-1')
    await page.waitForURL(/run=cart-42-1(&|$)/)
    await stages(page).getByText('209 passed, 3 failed').waitFor()
  })

  test('is drafted from chosen versions; an application that is not governed says how it becomes so', async () => {
    const { page } = view
    await goWithin(page, '/releases')
    await page.getByRole('button', { name: 'New release…' }).click()
    const dialog = page.getByRole('dialog', { name: 'New release' })
    const application = dialog.getByRole('combobox', { name: 'Application' })
    await application.selectOption('shop/shop')
    await dialog.getByText('shop is delivered on every edit').waitFor()
    await application.selectOption('shop/cart')
    const draft = dialog.getByRole('button', { name: 'Draft it' })
    await dialog.getByText('Choose a version or an image, or a target to take them from').waitFor()
    assert.equal(await draft.isDisabled(), true)
    await dialog.getByLabel('Image web of web').fill('1.5.0')
    await dialog.getByLabel('Title').fill('Vouchers')
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/releases'))
    await draft.click()
    assert.deepEqual((await sent).postDataJSON(), {
      application: 'cart',
      components: [{ name: 'web', images: { 'registry.fixture.invalid/web': 'registry.fixture.invalid/web:1.5.0' } }],
      title: 'Vouchers',
    })
    await page.waitForURL(/releases\/shop\/cart-99$/)
    await page.getByText('Draft:').waitFor()
    await page.getByRole('button', { name: 'Freeze' }).click()
    await page.getByText('Being frozen:', { exact: true }).waitFor()
  })

  test('are on the page of a governed application, with the hold that somebody can lift', async () => {
    const { page } = view
    await goWithin(page, '/apps/shop/cart')
    const line = page.getByRole('region', { name: 'Releases' })
    await line.getByRole('link', { name: 'cart-41' }).waitFor()
    await line.getByText('On hold since').waitFor()
    await line.getByRole('button', { name: 'Lift the hold' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lift the hold of cart' })
    await dialog.getByText('search-6 was rolled back: orders were lost').waitFor()
    await dialog.getByRole('button', { name: 'Lift the hold' }).click()
    await page.getByText('Releases of cart can go out again').waitFor()
    await goWithin(page, '/apps/shop/shop')
    await page.getByRole('heading', { level: 1, name: 'shop' }).waitFor()
    await line.waitFor({ state: 'detached' })
  })

  test('have a history: what ran where until when, and where an image runs', async () => {
    const { page } = view
    await goWithin(page, '/history')
    const table = page.getByRole('table', { name: 'What ran' })
    await table.getByText('by an edit · dora').waitFor()
    await page.getByRole('searchbox', { name: 'Cluster' }).fill('west')
    await page.waitForURL(/in=west/)
    await table.getByText('hub').first().waitFor({ state: 'detached' })
    assert.equal(await table.getByRole('link', { name: /^cart-4/ }).count(), 2)
    await page.getByRole('link', { name: 'Where it runs' }).click()
    await page.getByRole('searchbox', { name: 'Image' }).fill('web:1.4.3')
    const where = page.getByRole('table', { name: 'Where it runs' })
    await where.getByText('not seen for').waitFor()
    assert.equal(await where.getByRole('row').count(), 5)
    await where.getByRole('link', { name: 'cart-42' }).first().click()
    await page.waitForURL(/releases\/shop\/cart-42$/)
    assert.deepEqual(view.errors, [])
    assert.deepEqual(view.strayRequests, [])
  })
})

/** Each with a text that the place before does not have. */
const places: readonly [string, RegExp][] = [
  ['/releases', /Index of 2026/],
  ['/releases?open=new&of=shop/cart', /^nightly-report$/],
  ['/releases/shop/cart-42', /^209 passed, 3 failed$/],
  ['/releases/shop/cart-42?open=rollback', /drop-old-carts/],
  ['/releases/shop/cart-42?log=wave-1~west~shop-prod~smoke', /pays twice/],
  ['/releases/shop/cart-42/targets', /^edge-24$/],
  ['/releases/shop/cart-42/approvals', /Before the last change/],
  ['/releases/shop/cart-42/about', /Marketing knows of it/],
  ['/releases/shop/search-7?open=approve', /not its authors/],
  ['/releases/shop/search-8?open=start', /^(Choose a plan|请选择发布计划)$/],
  ['/apps/shop/cart', /orders were lost/],
  ['/releases/shop/cart-43', /is a tag that moves/],
  ['/history', /^2\.2\.4$/],
  ['/history?view=where&image=web', /(not seen for|未能观测)/],
]

describe('the pages of releases over a fixture are accessible', { timeout: 300_000 }, () => {
  const looks = [
    { theme: 'light', language: 'zh-CN', title: '发布' },
    { theme: 'dark', language: 'en', title: 'Releases' },
  ] as const
  for (const { theme, language, title } of looks) {
    test(`no serious violation in ${theme}, ${language}`, async () => {
      const server = await startFixtureServer({ port: 0, applications: 18, sites: true })
      const browser = await openBrowser()
      try {
        const { page, strayRequests, errors } = await openView(browser, server.url, { theme, language })
        const found: string[] = []
        await visit(page, '/apps')
        for (const [path, sign] of places) {
          await goWithin(page, path)
          await page.getByText(sign).first().waitFor({ state: 'attached' })
          if (path === '/releases') await page.getByRole('heading', { level: 1, name: title }).waitFor()
          // what slides in is judged where it comes to rest
          await page.waitForTimeout(400)
          for (const violation of await findViolations(page)) found.push(`${path}: ${violation}`)
        }
        assert.deepEqual(found, [])
        assert.deepEqual(strayRequests, [], 'requests left the origin')
        assert.deepEqual(errors, [])
        assert.equal(await page.locator('html').getAttribute('lang'), language)
      } finally {
        await browser.close()
        await server.stop()
      }
    })
  }
})

/** An answer of the fixture, as the page would read it. */
const ask = <T>(page: Page, path: string): Promise<T> =>
  page.evaluate(async (address) => {
    const answer = await fetch(address)
    return (await answer.json()) as T
  }, basePath + path)
