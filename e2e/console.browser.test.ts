import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ApiClient } from '@flotilla/api'
import { type Fleet, openTestFleet } from '@flotilla/local'
import type { Browser, Page } from 'playwright-core'
import { findViolations } from '../packages/console/src/browser/testing/find-violations.ts'
import {
  choose,
  goWithin,
  openBrowser,
  openView,
  type View,
  visit,
} from '../packages/console/src/browser/testing/open-browser.ts'
import { startFlotilla } from './support/start-flotilla.ts'
import { startShellPod } from './support/start-shell-pod.ts'
import { leaveClusters, prepareProject, until } from './support/prepare-project.ts'

/** Patience for what clusters do: pulling, starting pods, being found lost. */
const clusterMs = 180_000
const members = ['east', 'west'] as const

const applicationText = (registry: string) => `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  components:
    - name: shop
      helm:
        chart:
          oci: { url: "oci://${registry}/charts/shop", version: 1.0.0 }
      values:
        web: { replicas: 1 }
  overrides:
    - name: west-is-busy
      clusters: { names: [west] }
      values:
        web: { replicas: 2 }
`

async function replaceText(page: Page, text: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Application as YAML' })
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(text)
}

async function signIn(view: View, password: string): Promise<void> {
  await visit(view.page, '/apps')
  await view.page.getByLabel('Name').fill('admin')
  await view.page.getByLabel('Password').fill(password)
  await view.page.getByRole('button', { name: 'Sign in' }).click()
  await view.page.waitForURL(/\/apps$/)
}

describe('the console of a real product', { timeout: 1_500_000 }, () => {
  let fleet: Fleet
  let server: Awaited<ReturnType<typeof startFlotilla>>
  let api: ApiClient
  let browser: Browser
  let view: View
  let page: Page
  let project = ''
  let removeProject = async () => {}
  let address = ''
  before(async () => {
    fleet = await openTestFleet()
    server = await startFlotilla({ fleet })
    api = await server.api()
    await leaveClusters(api)
    browser = await openBrowser()
    view = await openView(browser, server.url)
    page = view.page
    page.setDefaultTimeout(60_000)
  })
  after(async () => {
    await api.applications
      .remove({ params: { project, application: 'shop' }, query: { objects: 'delete' } })
      .catch(() => 'gone')
    await until(async () => (await api.applications.list({ query: { q: project } })).total === 0, 60_000).catch(
      () => 'it stays',
    )
    await removeProject()
    await leaveClusters(api)
    await browser.close()
    await server.stop()
  })
  const cell = (cluster: string) => page.getByRole('button', { name: new RegExp(`^shop in ${cluster}`) })

  test('refuses a wrong password in words, and lets the right one in', async () => {
    await visit(page, '/fleet')
    await page.waitForURL(/sign-in\?next=%2Ffleet/)
    await page.getByLabel('Name').fill('admin')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('Name or password is not right').waitFor()
    await page.getByLabel('Password').fill(server.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    // back to where one was going
    await page.waitForURL(/\/fleet$/)
    await page.getByRole('heading', { name: 'No clusters yet' }).waitFor()
  })

  test('refuses a kubeconfig that runs a command, at its field', async () => {
    await page.getByRole('button', { name: 'Add cluster…' }).click()
    await page.getByLabel('Name', { exact: true }).fill('bad')
    const bad =
      'apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nclusters: [{name: a, cluster: {server: "https://10.0.0.1:6443"}}]\nusers: [{name: a, user: {exec: {command: /bin/id, apiVersion: client.authentication.k8s.io/v1}}}]\n'
    await page.getByLabel('Kubeconfig').fill(bad)
    await page.getByRole('button', { name: 'Check and add' }).click()
    await page.locator('textarea[aria-invalid="true"]').first().waitFor()
    assert.match((await page.locator('.field .failed').first().textContent()) ?? '', /exec/)
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  })

  test('adds clusters by kubeconfig, and shows them connect without a reload', async () => {
    for (const name of members) {
      await goWithin(page, '/fleet?add=1')
      await page.getByLabel('Name', { exact: true }).fill(name)
      await page.getByLabel('Kubeconfig').fill(fleet.clusters[name]?.kubeconfig ?? '')
      await page.getByLabel('Labels').fill(`region=${name}`)
      await page.getByRole('button', { name: 'Check and add' }).click()
      await page.waitForURL(new RegExp(`/fleet/${name}`))
    }
    await goWithin(page, '/fleet')
    for (const name of members) {
      const row = page.getByRole('row', { name: new RegExp(`^${name} `) })
      await row.getByText('Connected').waitFor({ timeout: clusterMs })
      await row.getByText('1 of 1').waitFor({ timeout: clusterMs })
      await row.getByText(`region=${name}`).waitFor()
    }
    await page.getByText('All 2 clusters are connected').waitFor()
  })

  test('creates an application from YAML after a preview, and shows it become healthy live', async () => {
    ;({ project, remove: removeProject } = await prepareProject(api, members))
    address = `/apps/${project}/shop`
    await goWithin(page, `/apps/new?project=${project}`)
    await page.getByRole('textbox', { name: 'Application as YAML' }).getByText('apiVersion').first().waitFor()
    await replaceText(page, applicationText(fleet.registry.address))
    await page.getByRole('button', { name: 'Preview' }).click()
    const preview = page.getByRole('region', { name: 'What it would change' })
    await preview.getByText('2 of 2 targets change').waitFor({ timeout: clusterMs })
    await preview
      .getByText(/Deployment .*web/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.waitForURL(new RegExp(`${address}$`))
    for (const cluster of members) {
      await page
        .getByRole('button', { name: new RegExp(`^shop in ${cluster}: Healthy`) })
        .waitFor({ timeout: clusterMs })
    }
    await page.getByText('Healthy everywhere').waitFor()
    await cell('east').getByText('2 of 2').waitFor()
    await cell('west').getByText('3 of 3').waitFor()
    await cell('west').getByText('1 own').waitFor()
  })

  test('tells who set a value', async () => {
    await cell('west').click()
    const panel = page.getByRole('complementary', { name: 'shop in west' })
    await panel
      .getByText('override west-is-busy')
      .or(panel.getByText('west-is-busy', { exact: true }))
      .first()
      .waitFor()
    const winner = panel.locator('.layer', { hasText: '(wins)' })
    assert.match((await winner.textContent()) ?? '', /west-is-busy.*2/)
  })

  test('opens objects, events, logs and the difference of a cell', async () => {
    const panel = page.getByRole('complementary', { name: 'shop in west' })
    await panel.getByRole('button', { name: 'Objects' }).click()
    const objects = page.getByRole('region', { name: 'Objects' })
    await objects.getByRole('button', { name: /Deployment .*web/ }).click()
    await page.getByRole('dialog').getByText('kind: Deployment').waitFor()
    await page.keyboard.press('Escape')
    await objects.getByRole('table', { name: 'Pods' }).getByText('Running').first().waitFor()
    await panel.getByRole('button', { name: 'Events' }).click()
    await page.getByRole('table', { name: 'Events' }).getByText('Pod').first().waitFor()
    await panel.getByRole('button', { name: 'Difference' }).click()
    await page.getByText('Nothing differs: what runs is what is wanted.').waitFor()
    await panel.getByRole('button', { name: 'Logs' }).click()
    await page.getByRole('log').getByText('listening on :8080').first().waitFor()
    await page.getByRole('link', { name: /^Fleet/ }).click()
    await page.getByRole('log').getByText('listening on :8080').first().waitFor()
    await page.getByRole('button', { name: /^Close Logs/ }).click()
  })

  test('opens a shell in a container, in which one works', async () => {
    await startShellPod(fleet, 'east', project)
    await goWithin(page, `/resources/pods?namespace=${project}&cluster=east`)
    const pods = page.getByRole('table', { name: 'Pods' })
    await pods.getByRole('link', { name: 'shell', exact: true }).focus()
    await page.keyboard.press('s')
    await page.getByText('Connected, as you').waitFor()
    const rows = page.locator('.terminal-screen .xterm-rows')
    await rows.filter({ hasText: /[#$]/ }).waitFor()
    await page.keyboard.type('echo real-$((40+2))')
    await page.keyboard.press('Enter')
    await rows.filter({ hasText: 'real-42' }).waitFor()
    await page.keyboard.type('exit 3')
    await page.keyboard.press('Enter')
    await rows.filter({ hasText: 'exit code 3' }).waitFor()
    await page.getByRole('button', { name: /^Close Shell/ }).click()
    await goWithin(page, address)
  })

  test('previews and saves an edit, and the matrix follows', async () => {
    await goWithin(page, `${address}/edit?view=form`)
    await page.getByText('YAML', { exact: true }).click()
    const editor = page.getByRole('textbox', { name: 'Application as YAML' })
    const text = (await api.applications.get({ params: { project, application: 'shop' } })).application
    assert.equal(text.kind, 'Application')
    await editor.getByText('apiVersion').first().waitFor()
    await replaceText(page, applicationText(fleet.registry.address).replace('replicas: 1', 'replicas: 2'))
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('1 of 2 targets change').waitFor({ timeout: clusterMs })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(new RegExp(`${address}$`))
    await cell('east').getByText('3 of 3').waitFor({ timeout: clusterMs })
    await page.getByText('Healthy everywhere').waitFor({ timeout: clusterMs })
  })

  test('merges what somebody else changed while one was editing', async () => {
    await goWithin(page, `${address}/edit?view=form`)
    await page.getByLabel('Targets at the same time').fill('3')
    const { application } = await api.applications.get({ params: { project, application: 'shop' } })
    const spec = { ...(application['spec'] as object), driftPolicy: 'Report' }
    const documents = JSON.stringify({ ...application, spec, status: undefined })
    assert.equal((await api.documents.apply({ body: { documents, mode: 'replace', project } })).failed, 0)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Their changes and yours touch different places').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(new RegExp(`${address}$`))
    const merged = await api.applications.get({ params: { project, application: 'shop' } })
    const { driftPolicy, maxConcurrency } = merged.application['spec'] as {
      driftPolicy: string
      maxConcurrency: number
    }
    assert.deepEqual({ driftPolicy, maxConcurrency }, { driftPolicy: 'Report', maxConcurrency: 3 })
  })

  test('shows what going back would change, and goes back', async () => {
    await goWithin(page, `${address}/history`)
    await page.getByRole('button', { name: '1', exact: true }).click()
    const panel = page.getByRole('region', { name: 'Back to revision 1' })
    await panel.locator('.del', { hasText: 'replicas: 2' }).first().waitFor({ timeout: clusterMs })
    await panel.getByRole('button', { name: 'Revert to 1' }).click()
    await page.getByRole('link', { name: 'Clusters' }).click()
    await cell('east').getByText('2 of 2').waitFor({ timeout: clusterMs })
  })

  test('pauses, says so, and goes on', async () => {
    await page.getByRole('button', { name: 'Pause' }).click()
    const resume = page.getByRole('button', { name: 'Resume' })
    await resume.waitFor()
    const sync = page.getByRole('button', { name: 'Sync' })
    assert.equal(await sync.getAttribute('aria-disabled'), 'true')
    await resume.click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await sync.click()
    await page.getByText('shop: delivering again').waitFor()
  })

  test('shows a lost cluster as lost, never as empty, and finds it back', async () => {
    const east = fleet.clusters['east']
    await east?.cut()
    try {
      await page.getByRole('button', { name: /^shop in east: Unknown/ }).waitFor({ timeout: clusterMs })
      assert.match((await cell('east').getAttribute('class')) ?? '', /b-unknown/)
      await cell('west').getByText('3 of 3').waitFor()
      await goWithin(page, '/fleet')
      await page.getByRole('row', { name: /^east .*Lost/ }).waitFor({ timeout: clusterMs })
      await page.getByText('What ran there goes on running', { exact: false }).waitFor()
    } finally {
      await east?.heal()
    }
    await page.getByText('All 2 clusters are connected').waitFor({ timeout: clusterMs })
    await goWithin(page, address)
    await page.getByRole('button', { name: /^shop in east: Healthy/ }).waitFor({ timeout: clusterMs })
  })

  test('is accessible with real data, in both languages and themes', async () => {
    const found: string[] = []
    // the other two pairs are seen over the fixture
    const looks = [
      { theme: 'light', language: 'en', zone: 'utc' },
      { theme: 'dark', language: 'zh-CN', zone: 'utc' },
    ] as const
    const places = [
      ['/fleet', page.getByText('region=east')],
      [`${address}?cell=shop~west~${project}`, page.getByText('west-is-busy')],
      [`${address}/history`, page.getByRole('button', { name: '1', exact: true })],
      ['/apps', page.locator('a.name', { hasText: 'shop' })],
    ] as const
    for (const chosen of looks) {
      await choose(page, chosen)
      await visit(page, '/apps')
      await page.locator('a.name').first().waitFor()
      for (const [path, sign] of places) {
        assert.equal(await sign.count(), 0, `${path} shows what the place before it shows`)
        await goWithin(page, path)
        await sign.first().waitFor()
        for (const violation of await findViolations(page))
          found.push(`${chosen.theme} ${chosen.language} ${path}: ${violation}`)
      }
    }
    assert.deepEqual(found, [])
  })

  test('asks what becomes of what runs before it deletes, and deletes it when told to', async () => {
    const chosen = { theme: 'light', language: 'en', zone: 'utc' } as const
    await choose(page, chosen)
    await visit(page, address)
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete shop' })
    assert.equal(await dialog.getByRole('button', { name: 'Delete', exact: true }).isDisabled(), true)
    await dialog.getByLabel('Delete what it delivered').check()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.waitForURL(/\/apps$/)
    await until(async () => (await api.applications.list({ query: { q: project } })).total === 0)
    await page.getByRole('heading', { name: 'No applications yet' }).waitFor()
  })

  test('signs out, and what is behind is closed', async () => {
    await page.getByRole('button', { name: /Account and display/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/sign-in/)
    await visit(page, '/apps')
    await page.waitForURL(/sign-in/)
    await signIn(view, server.password)
    assert.deepEqual(view.strayRequests, [], 'requests left the origin')
    assert.deepEqual(view.errors, [])
  })
})
