import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { startFixtureServer } from '../../dev/fixture-server.ts'
import { findViolations } from './testing/find-violations.ts'
import { goWithin, openBrowser, openView, visit } from './testing/open-browser.ts'

/** Each with a text that the place before does not have. */
const places: readonly [string, string, RegExp][] = [
  ['signing in', '/sign-in', /Flotilla/],
  ['applications', '/apps', /checkout/],
  ['the fleet', '/fleet', /edge-07/],
  ['a cluster', '/fleet/east?cluster=east', /east\.fixture\.invalid/],
  ['adding a cluster', '/fleet?add=1&cluster=west', /Kubeconfig/],
  ['adding one that dials in', '/fleet?add=agent', /(behind a firewall|防火墙后)/],
  ['kubectl', '/fleet?kubectl=1', /flotilla kubeconfig/],
  ['pods', '/resources/pods?state=Running', /checkout-7d9f-10\b/],
  ['a node', '/resources/nodes?open=east//node-1', /kubeletVersion/],
  ['events of all', '/resources/events', /no node takes it/],
  ['workspaces', '/access/workspaces', /物流/],
  ['a workspace', '/access/workspaces/retail', /Shops and payments/],
  ['a new project', '/access/workspaces/retail?open=project', /^(添加目标|Add target)$/],
  ['members', '/access/workspaces/retail/members', /李伟/],
  ['a project', '/access/projects/shop', /belongs to somebody else/],
  ['its quota', '/access/projects/shop/quota', /^7\.5 (of|\/) 8$/],
  ['changing it', '/access/projects/shop?open=edit', /environment=prod/],
  [
    'changing the quota',
    '/access/projects/shop/quota?open=quota',
    /(What saving changes|保存后的变化|尚无修改|Nothing is changed)/,
  ],
  ['roles', '/access/projects/shop/roles', /^Release engineer$/],
  ['a new role', '/access/projects/shop/roles?role=%2B', /(for experts|高级)/],
  ['service accounts', '/access/projects/shop/accounts?account=deploy-bot', /Pipeline of the shop/],
  ['people', '/access/people', /Dora Müller/],
  ['a person', '/access/people/omar', /^(Pod: shell)$/],
  ['sign-in', '/access/sign-in', /Example Corp/],
  ['a new provider', '/access/sign-in?open=%2B', /^(Issuer)$/],
  ['tokens', '/tokens', /^build$/],
  ['letting the command line in', `/command-line?port=40001&challenge=${'c'.repeat(43)}`, /--browser/],
  ['the audit', '/access/audit', /^applications\.revert$/],
  ['one record of it', '/access/audit?record=118', /^spec\.replicas$/],
  ['a recording', '/access/audit?record=119&play=6e2a4c1e-8d0f-4a57-9b3c-2f1d7c5e9a10', /^dora in east/],
  ['an application', '/apps/shop/shop?cell=web~west~shop-prod&show=difference', /registry\/web:1\.4\.3/],
  ['its events', '/apps/shop/shop/events', /BackOff/],
  ['its configuration', '/apps/shop/shop/configuration', /apiVersion/],
  ['its history', '/apps/shop/shop/history?revision=39', /registry\/web:1\.4\.3/],
  ['editing it', '/apps/shop/shop/edit', /apiVersion/],
  ['the form', '/apps/shop/shop/edit?view=form', /表单不认识|the form does not know/],
]

describe('the console over a fixture is accessible', { timeout: 600_000 }, () => {
  let server: Awaited<ReturnType<typeof startFixtureServer>>
  let browser: Browser
  before(async () => {
    server = await startFixtureServer({ port: 0, applications: 18, sites: true })
    browser = await openBrowser()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  // no rule looks at theme and language together: each is seen once
  const looks = [
    { theme: 'light', language: 'zh-CN' },
    { theme: 'dark', language: 'en' },
  ] as const
  for (const { theme, language } of looks) {
    test(`no serious violation in ${theme}, ${language}`, async () => {
      const { page, context, strayRequests, errors } = await openView(browser, server.url, { theme, language })
      const found: string[] = []
      for (const [name, path, sign] of places) {
        const seen = page.getByText(sign)
        assert.equal(await seen.count(), 0, `the page before ${name} says ${sign.source} too`)
        if (path === places[0]?.[1]) await visit(page, path)
        else await goWithin(page, path)
        await seen.first().waitFor()
        // what slides in is judged where it comes to rest
        await page.waitForTimeout(400)
        for (const violation of await findViolations(page)) found.push(`${name}: ${violation}`)
      }
      assert.deepEqual(found, [])
      assert.deepEqual(strayRequests, [], 'requests left the origin')
      assert.deepEqual(errors, [])
      assert.equal(await page.locator('html').getAttribute('lang'), language)
      await context.close()
    })
  }
})
