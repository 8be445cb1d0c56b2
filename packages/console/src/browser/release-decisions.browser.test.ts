import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { basePath, type RolloutDetail, type StepView } from '@flotilla/api'
import type { Browser, Page } from 'playwright-core'
import { digestOf } from '../../dev/fixture-release-rows.ts'
import { stage, step, target } from '../../dev/fixture-rollouts.ts'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { goWithin, openBrowser, openView, type View, visit } from './testing/open-browser.ts'

const go = (phase: StepView['phase'], more: Partial<StepView> = {}) =>
  step('go-ahead', 'approval', {
    list: 'before',
    phase,
    approval: { count: 1, given: [], who: 'admin, operator' },
    ...more,
  })
const waiting = [target('production', 'hub', 'Pending'), target('production', 'east', 'Pending')]

describe('what a person decides about a run, over a fixture', { timeout: 120_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  let run: RolloutDetail
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 18, sites: true })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/releases/shop/search-7')
    await stages(view.page).getByText('0 of 1 approved').waitFor()
    run = await view.page.evaluate(async (address): Promise<RolloutDetail> => {
      const answer = await fetch(address)
      return await answer.json()
    }, `${basePath}/projects/shop/rollouts/search-7-1`)
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })
  const say = (more: Partial<RolloutDetail>) =>
    server.say({ topic: 'rollout', key: 'shop/search-7-1', row: { ...run, ...more } })
  const production = (steps: StepView[], targets = waiting) => stage('production', { phase: 'Before', steps, targets })

  test('an approval that somebody else gave meanwhile leaves nothing to say in its dialog', async () => {
    const { page } = view
    await stages(page).getByRole('button', { name: 'Approve go-ahead…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Approve search-7' })
    await dialog.getByText('Step go-ahead of stage production waits for it.').waitFor()
    const another = step('second-look', 'approval', { phase: 'Running', list: 'before' })
    say({ stages: [production([go('Succeeded'), another])] })
    await dialog.getByText('This step no longer waits for approval.').waitFor()
    for (const name of ['Approve', 'Say no'])
      assert.equal(await dialog.getByRole('button', { name, exact: true }).isDisabled(), true, name)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  test('a rollback is approved by its own digest, with what goes back shown', async () => {
    const { page } = view
    say({ action: 'Rollback', digest: digestOf('r'), stages: [production([go('Running')])] })
    await stages(page).getByRole('button', { name: 'Approve go-ahead…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Approve the rollback of search-7' })
    const changes = dialog.getByRole('region', { name: 'What changes' })
    await changes.getByText('-   CHECKOUT_V2: "on"').first().waitFor()
    await dialog.getByText('You started it.').waitFor()
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/approvals'))
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click()
    const body: { digest?: unknown } = Object.assign({}, (await sent).postDataJSON())
    assert.equal(body.digest, digestOf('r'))
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  test('a rejected step is approved after all or retried, and neither skipped nor gone past', async () => {
    const { page } = view
    const message = 'omar rejected it: not today'
    say({ phase: 'Paused', reason: 'ApprovalRejected', stages: [production([go('Failed', { message })])] })
    const graph = stages(page)
    await graph.getByRole('button', { name: 'Retry production' }).waitFor()
    await graph.getByRole('button', { name: 'Approve go-ahead…' }).waitFor()
    assert.equal(await graph.getByRole('button', { name: /^Skip/ }).count(), 0)
    const resume = page.getByRole('button', { name: 'Resume' })
    assert.equal(await resume.getAttribute('aria-disabled'), 'true')
    await resume.hover()
    await page.getByRole('tooltip').getByText('The step go-ahead stands in the way').waitFor()
    await page.mouse.move(0, 0)
    await graph.getByRole('button', { name: 'Approve go-ahead…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Approve search-7' })
    await dialog.getByText('Once it is approved after all, it can be retried.').waitFor()
    await dialog.getByText(message).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  test('a hook that nobody knows the end of is resolved, and its target is tried again; two targets of a cluster are told apart', async () => {
    const { page } = view
    const message = 'hook migrate (pre-upgrade of api) ended and nobody knows how: the node was lost'
    const stopped = target('production', 'east', 'Failed', { message })
    const beside = target('production', 'east', 'Pending', { namespace: 'shop-load' })
    say({ phase: 'Paused', reason: 'StageFailed', stages: [production([], [stopped, beside])] })
    await stages(page).getByText('east/shop-load').waitFor()
    await stages(page).getByRole('button', { name: 'Resolve east/shop-prod…' }).click()
    const dialog = page.getByRole('dialog', { name: 'How did migrate · east/shop-prod end?' })
    await dialog.getByRole('radio', { name: /^It succeeded/ }).check()
    await dialog.getByLabel('Reason').fill('the column is there')
    const resolved = page.waitForRequest((request) => request.url().endsWith('/applications/search/hooks/resolution'))
    const retried = page.waitForRequest((request) => request.url().endsWith('/rollouts/search-7-1/retry'))
    await dialog.getByRole('button', { name: 'Record it' }).click()
    const place = { cluster: 'east', namespace: 'shop-prod' }
    assert.deepEqual((await resolved).postDataJSON(), {
      ...place,
      hook: 'migrate',
      outcome: 'Succeeded',
      reason: 'the column is there',
    })
    assert.deepEqual((await retried).postDataJSON(), place)
    await dialog.waitFor({ state: 'detached' })
  })

  test('the hold of an application stands on the pages of its releases, and can be lifted there', async () => {
    const { page } = view
    await goWithin(page, '/releases/shop/cart-42')
    const hold = page.getByRole('region', { name: 'Hold' })
    await hold.getByText('search-6 was rolled back: orders were lost').waitFor()
    await hold.getByRole('button', { name: 'Lift the hold' }).click()
    await page.getByRole('dialog', { name: 'Lift the hold of cart' }).waitFor()
    assert.deepEqual(view.strayRequests, [])
  })
})

const stages = (page: Page) => page.getByRole('region', { name: 'Stages' })
