import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { basePath, type RouteResult } from '@flotilla/api'
import type { Browser } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { findViolations } from './testing/find-violations.ts'
import { goWithin, openBrowser, openView, type View, visit } from './testing/open-browser.ts'

describe('moves of an application over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 18, sites: true })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/apps/shop/mailer')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })
  const panel = () => view.page.getByRole('region', { name: 'Moves from west/shop to east/shop' })

  test('one that is under way is seen on its page, and leads to its steps', async () => {
    const { page } = view
    const line = page.getByRole('region', { name: 'Move', exact: true })
    await line.getByText('Waits for confirmation').waitFor()
    await line.getByText('somebody to confirm that requests go to east/shop').waitFor()
    await line.getByRole('link', { name: 'Its steps' }).click()
    await page.waitForURL(/\/moves$/)
    const steps = panel().getByRole('list', { name: 'Steps' })
    await steps.waitFor()
    assert.deepEqual(await steps.getByRole('listitem').locator('.what').allTextContents(), [
      'Deliver to east/shop, in standby',
      'Suspend schedules and consumers in west/shop',
      'Let end what was begun in west/shop',
      'Start east/shop',
      'Confirm that requests go to east/shop',
      'Take west/shop away',
      'Moved to east/shop',
    ])
    const now = steps.locator('[aria-current=step]')
    await now.getByText(/waits for somebody to confirm .* since /).waitFor()
    await panel().getByText('for 24 sec').waitFor()
    await line.waitFor({ state: 'detached' })
  })

  test('those before it are listed, with who took one back and why', async () => {
    const { page } = view
    const table = page.getByRole('table', { name: 'Moves' })
    assert.equal(await table.getByRole('row').count(), 4)
    await table.getByRole('button', { name: 'From west/shop to hub/shop' }).click()
    await page.waitForURL(/move=mailer-2/)
    const older = page.getByRole('region', { name: 'From west/shop to hub/shop' })
    await older.getByText('Back in west/shop').first().waitFor()
    await older.getByText('the queue is slow from there').waitFor()
    assert.equal(await older.getByRole('button').count(), 0, 'what has ended has nothing to be asked')
    await page.reload()
    await older.waitFor()
    await table.getByRole('button', { name: 'From west/shop to east/shop' }).click()
  })

  test('follows the live stream', async () => {
    const { page } = view
    const answer = await page.evaluate(
      async (address) => (await fetch(address)).json() as Promise<RouteResult<'moves.list'>>,
      `${basePath}/projects/shop/moves?application=mailer`,
    )
    const [move] = answer.items
    assert.ok(move)
    server.say({ topic: 'moves', key: 'shop/mailer-3', row: { ...move, waitingFor: 'the names to be changed' } })
    await panel().getByText('the names to be changed').waitFor()
  })

  test('is confirmed in two clicks, what comes of it said first; undone with a reason', async () => {
    const { page } = view
    await panel().getByRole('button', { name: 'Undo…' }).click()
    const undo = page.getByRole('dialog', { name: 'Undo the move of mailer' })
    await undo.getByText('east/shop is stopped and drained before west/shop starts again').waitFor()
    await page.keyboard.press('Escape')
    await undo.waitFor({ state: 'detached' })
    await panel().getByRole('button', { name: 'Confirm traffic…' }).click()
    const confirm = page.getByRole('dialog', { name: 'Confirm traffic of mailer' })
    await confirm.getByText('Then west/shop is taken away').waitFor()
    await confirm.getByRole('button', { name: 'Requests go to the new place' }).click()
    await confirm.waitFor({ state: 'detached' })
    await panel().getByText('Removing the old place').waitFor()
    await panel().getByText('Traffic confirmed by').waitFor()
    await panel().getByRole('button', { name: 'Undo…' }).click()
    await undo.getByLabel('Reason').fill('orders are lost')
    const sent = page.waitForRequest((request) => request.url().endsWith('/moves/mailer-3/undo'))
    await undo.getByRole('button', { name: 'Go back' }).click()
    assert.deepEqual((await sent).postDataJSON(), { reason: 'orders are lost' })
    await panel().getByText('Going back').waitFor()
    await panel().getByText('Stop east/shop, and let end what was begun').waitFor()
    assert.equal(
      await panel().getByRole('button', { name: 'Undo…' }).getAttribute('aria-disabled'),
      'true',
      'it is on the way back already',
    )
  })

  test('an application that never moved says how it would', async () => {
    const { page } = view
    await goWithin(page, '/apps/shop/shop/moves')
    await page.getByText('flotilla move shop/shop --from CLUSTER --to CLUSTER').waitFor()
    assert.deepEqual(view.errors, [])
    assert.deepEqual(view.strayRequests, [])
  })
})

describe('the moves of an application over a fixture are accessible', { timeout: 300_000 }, () => {
  for (const { theme, language } of [
    { theme: 'light', language: 'zh-CN' },
    { theme: 'dark', language: 'en' },
  ] as const)
    test(`no serious violation in ${theme}, ${language}`, async () => {
      const server = await startFixtureServer({ port: 0, applications: 18, sites: false })
      const browser = await openBrowser()
      try {
        const { page, errors } = await openView(browser, server.url, { theme, language })
        const found: string[] = []
        await visit(page, '/apps/shop/mailer/moves')
        await page.locator('.move-steps').waitFor()
        found.push(...(await findViolations(page)))
        await goWithin(page, '/apps/shop/mailer/moves?open=undo')
        await page.getByRole('dialog').waitFor()
        await page.waitForTimeout(400)
        found.push(...(await findViolations(page)))
        assert.deepEqual(found, [])
        assert.deepEqual(errors, [])
      } finally {
        await browser.close()
        await server.stop()
      }
    })
})
