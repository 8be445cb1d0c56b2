import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { goWithin, openBrowser, openView, type View, visit } from './testing/open-browser.ts'

describe('signing in and tokens, over a fixture', { timeout: 300_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  let view: View
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 2, sites: false })
    browser = await openBrowser()
    view = await openView(browser, server.url)
    await visit(view.page, '/sign-in?next=%2Ffleet')
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('the page offers what there is: providers, a directory, and our own account', async () => {
    const { page } = view
    await page.getByRole('button', { name: 'Sign in with 钉钉' }).waitFor()
    const account = page.getByRole('combobox', { name: 'Account' })
    assert.deepEqual(await account.getByRole('option').allTextContents(), ['Staff directory', 'Of Flotilla itself'])
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
  })

  test('a provider is gone to, and one comes back to where one was', async () => {
    const { page } = view
    await page.getByRole('button', { name: 'Sign in with Example Corp' }).click()
    await page.waitForURL(/\/fleet$/)
    assert.equal(page.url().includes('code='), false)
  })

  test('a new provider is asked at once whether it answers, and says which address to register', async () => {
    const { page } = view
    await goWithin(page, '/access/sign-in')
    await page.getByRole('table', { name: 'Identity providers' }).getByText('Disabled').waitFor()
    await page.getByRole('button', { name: 'New identity provider…' }).click()
    const form = page.getByRole('dialog', { name: 'New identity provider' })
    await form.getByRole('combobox', { name: 'Type' }).selectOption('WeCom')
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('wework')
    await form.getByRole('textbox', { name: 'Corp ID' }).fill('ww1')
    await form.getByRole('textbox', { name: 'Agent ID' }).fill('1000002')
    await form.getByLabel('Secret').fill('s')
    await form.getByRole('button', { name: 'Save and test' }).click()
    await page.getByText('https://fixture.invalid/sign-in/callback/wework').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
  })

  test('a token is shown once', async () => {
    const { page } = view
    await goWithin(page, '/tokens')
    await page.getByRole('button', { name: 'New token…' }).click()
    await page.getByRole('textbox', { name: 'What it is for' }).fill('dashboard')
    await page.getByRole('button', { name: 'Create' }).click()
    const token = page.getByText('flt_shown-once')
    await token.waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await token.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Revoke build' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('build is revoked').waitFor()
    assert.deepEqual(view.errors, [])
    assert.deepEqual(view.strayRequests, [])
  })
})
