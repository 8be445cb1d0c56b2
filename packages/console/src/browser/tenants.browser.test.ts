import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { goWithin, openBrowser, openView, type View, visit } from './testing/open-browser.ts'

/** One page for all of them: what is gone through is a department with its people. */
describe('workspaces, projects and people over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 5, sites: false })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/access/workspaces')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('a workspace is opened from the list, and says why it cannot be deleted', async () => {
    const { page } = view
    await page.getByRole('link', { name: 'retail' }).click()
    await page.waitForURL(/workspaces\/retail$/)
    await page.getByRole('link', { name: 'payments' }).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    const remove = page.getByRole('menuitem', { name: 'Delete…' })
    await remove.waitFor()
    assert.equal(await remove.getAttribute('aria-disabled'), 'true')
    await remove.getByText('Delete…').hover()
    await page
      .getByRole('tooltip')
      .getByText(/platform administrator|still has 2 projects/)
      .waitFor()
    await page.keyboard.press('Escape')
  })

  test('what is recorded of shells is chosen for a whole workspace', async () => {
    const { page } = view
    await goWithin(page, '/access/workspaces/retail?open=edit')
    const dialog = page.getByRole('dialog', { name: 'Edit retail' })
    const choice = dialog.getByRole('combobox', { name: 'Recording of shells' })
    await choice.selectOption('Output')
    await dialog.getByText(/In all its projects/).waitFor()
    const writing = page.waitForRequest((request) => request.method() === 'POST' && /documents/.test(request.url()))
    await dialog.getByRole('button', { name: 'Save' }).click()
    const { documents } = (await writing).postDataJSON() as { documents: string }
    const { spec } = JSON.parse(documents) as { spec: object }
    assert.deepEqual(spec, {
      displayName: 'Retail',
      clusters: { names: ['hub', 'west'] },
      shells: { record: 'Output' },
    })
    await page.getByText('retail was saved').waitFor()
    await dialog.waitFor({ state: 'detached' })
  })

  test('isolation is chosen in plain words, and where it is not enforced is said', async () => {
    const { page } = view
    await goWithin(page, '/access/projects/shop?open=edit')
    const dialog = page.getByRole('dialog', { name: 'Edit shop' })
    const incoming = dialog.getByRole('combobox', { name: 'Who may connect to its pods' })
    await incoming.waitFor()
    assert.equal(await incoming.inputValue(), 'Isolated')
    const from = dialog.getByRole('group', { name: 'Also let in' })
    assert.equal(await from.getByRole('textbox', { name: 'Namespaces' }).inputValue(), 'ingress-nginx')
    await from.getByRole('textbox', { name: 'Networks' }).fill('10.0.0.1')
    await from.getByText('“10.0.0.1” is not a network such as 10.0.0.0/8').waitFor()
    assert.equal(await dialog.getByRole('button', { name: 'Save' }).isDisabled(), true)
    await incoming.selectOption('Open')
    await from.waitFor({ state: 'detached' })
    assert.equal(await dialog.getByRole('button', { name: 'Save' }).isDisabled(), false)
    await page.keyboard.press('Escape')
    const targets = page.getByRole('table', { name: 'Targets' })
    await targets.getByText('Not enforced in this cluster', { exact: true }).waitFor()
    await targets.getByText('Isolated', { exact: true }).waitFor()
    await goWithin(page, '/fleet/east')
    await page.getByText('Network policies').waitFor()
    await page.getByText(/one that it allowed connected/).waitFor()
    await goWithin(page, '/access/workspaces/retail')
  })

  test('a role is given, changed and taken, and the notice takes it back', async () => {
    const { page } = view
    await goWithin(page, '/access/workspaces/retail/members')
    const members = page.getByRole('table', { name: 'Members' })
    await members.getByRole('combobox', { name: 'Role of dora' }).selectOption('viewer')
    await page.getByText('dora is viewer now').waitFor()
    await page
      .getByRole('textbox', { name: 'Person to give a role to' })
      .or(page.getByRole('combobox', { name: 'Person to give a role to' }))
      .fill('omar')
    await page.getByText('Makes and changes applications in every project of it').waitFor()
    await page.getByRole('button', { name: 'Give role' }).click()
    const omar = members.getByRole('button', { name: 'Remove omar' })
    await omar.click()
    await page.getByText('omar is no longer developer').waitFor()
    await omar.waitFor({ state: 'detached' })
    await page.getByText('omar is no longer developer').locator('..').getByRole('button', { name: 'Undo' }).click()
    await omar.waitFor()
    // the only platform administrator, seen where the role is given
    await goWithin(page, '/access/platform')
    const last = page.getByRole('button', { name: 'Remove ada' })
    await last.waitFor()
    assert.match((await last.getAttribute('aria-description')) ?? '', /last administrator/)
  })

  test('a group of a provider is given a role, and loses it', async () => {
    const { page } = view
    await goWithin(page, '/access/workspaces/retail/members')
    // the page before has the same form, until this one is there
    await page.getByRole('heading', { level: 1, name: 'Retail' }).waitFor()
    await page.getByRole('combobox', { name: 'To whom' }).selectOption('A group of Example Corp')
    await page
      .getByRole('textbox', { name: 'Group to give a role to' })
      .or(page.getByRole('combobox', { name: 'Group to give a role to' }))
      .fill('night-shift')
    await page.getByRole('button', { name: 'Give role' }).click()
    const remove = page.getByRole('button', { name: 'Remove night-shift (group of corp)' })
    await remove.click()
    await remove.waitFor({ state: 'detached' })
  })

  test('who is being typed stays, while what is there is still being read', async () => {
    const { context } = view
    const page = await context.newPage()
    const held = Promise.withResolvers<undefined>()
    await page.route(/\/api\/v1\/(?:sign-in|roles|members)/, async (route) => {
      await held.promise
      await route.continue()
    })
    await visit(page, '/access/workspaces/retail/members')
    const person = page.getByRole('combobox', { name: 'Person to give a role to' })
    await person.fill('om')
    const before = await person.elementHandle()
    held.resolve(undefined)
    await page.getByRole('combobox', { name: 'To whom' }).waitFor()
    await page.getByRole('button', { name: 'Remove dora' }).waitFor()
    assert.equal(await before?.evaluate((input) => input.isConnected), true)
    assert.equal(await person.inputValue(), 'om')
    await page.close()
  })

  test('a new person gets a password that is shown once', async () => {
    const { page } = view
    await goWithin(page, '/access/people?add=1')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('dora')
    await page.getByRole('button', { name: 'Create' }).click()
    const given = page.getByRole('dialog', { name: 'Password of dora' })
    const password = given.getByText(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/)
    await password.waitFor()
    await given.getByRole('button', { name: 'Done' }).click()
    await page.waitForURL(/access\/people\/dora$/)
    await password.waitFor({ state: 'detached' })
  })

  test('what somebody may do is shown for Flotilla and for a cluster', async () => {
    const { page } = view
    const inCluster = page.getByRole('table', { name: /What can dora do\? hub/ })
    const shell = inCluster.getByRole('row', { name: /Pod: shell/ })
    await shell.waitFor()
    assert.equal(await shell.getByText('may not', { exact: true }).count(), 1)
    await page.getByRole('combobox', { name: 'Cluster' }).selectOption('east/shop')
    await page.waitForURL(/at=east/)
    await page.getByRole('combobox', { name: 'In' }).selectOption('the whole platform')
    await page.getByRole('rowheader', { name: 'Workspace', exact: true }).waitFor()
    assert.deepEqual(view.errors, [])
    assert.deepEqual(view.strayRequests, [])
  })
})
