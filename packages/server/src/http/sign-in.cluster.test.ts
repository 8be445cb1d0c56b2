import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { providerSecretName, systemNamespace } from '@flotilla/model'
import { type RunningOidc, startOidc } from '../access/providers/testing/start-oidc.ts'
import { until } from '../testing/until.ts'
import { type HttpWorld, object, openHttpWorld } from './testing/open-http-world.ts'
import { callbackOf } from './testing/provider-fixture.ts'

const name = `corp-${randomBytes(3).toString('hex')}`
const clientSecret = 'a client secret of the test'

describe('a person of a real OpenID provider, on a real host', () => {
  let oidc: RunningOidc
  let world: HttpWorld
  const secretKey = {
    group: '',
    version: 'v1',
    kind: 'Secret',
    namespace: systemNamespace,
    name: providerSecretName(name),
  }
  let users: string[] = []
  before(async () => {
    oidc = await startOidc({ clientId: 'flotilla', clientSecret, redirectUris: [callbackOf(name)] })
    world = await openHttpWorld({ providerHosts: [oidc.host] })
  })
  after(async () => {
    await world.hub.delete(secretKey).catch(() => 'not there')
    for (const user of users)
      await world.hub.delete({ group: 'flotilla.dev', kind: 'User', name: user }).catch(() => 'gone')
    await world.close()
    await oidc.close()
  })

  const headers = { 'x-flotilla-request': '1', 'content-type': 'application/json' }
  const post = (path: string, body: object, cookie = '') =>
    fetch(`${world.url}/api/v1${path}`, { method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify(body) })
  const cookieOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0] ?? '')
      .filter((pair) => !pair.endsWith('='))
      .join('; ')

  async function signIn(): Promise<{ cookie: string; user: string; groups: string[] }> {
    const begun = await post(`/sign-in/${name}`, {})
    const { url } = (await begun.json()) as { url: string }
    const back = await oidc.authorize(url, 's-1')
    const finished = await post(`/sign-in/${name}/answer`, { parameters: back.search }, cookieOf(begun))
    assert.equal(finished.status, 201, await finished.clone().text())
    const { person } = (await finished.json()) as { person: { name: string; groups: string[] } }
    return { cookie: cookieOf(finished), user: person.name, groups: person.groups }
  }

  test('has nothing at first, the role of their group then, and nothing open within 5 s of the provider being disabled', async () => {
    oidc.accounts.set('s-1', { name: 'Dora', groups: ['staff'] })
    const provider = await world.make(
      object('IdentityProvider', name, { spec: { type: 'oidc', oidc: { issuer: oidc.issuer, clientId: 'flotilla' } } }),
    )
    const api = world.admin
    await until('the provider is known', async () =>
      (await fetch(`${world.url}/api/v1/sign-in`)).text().then((text) => text.includes(name)),
    )
    await api.providers.setSecret({ params: { provider: name }, body: { secret: clientSecret } })
    assert.deepEqual(await api.providers.test({ params: { provider: name } }), {
      answers: true,
      redirectUri: callbackOf(name),
    })
    await until('it says that it answers', async () => {
      const { status } = (await world.hub.get({
        group: 'flotilla.dev',
        kind: 'IdentityProvider',
        name,
      })) as unknown as {
        status?: { conditions?: { type: string; status: string }[] }
      }
      return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')
    })

    const first = await signIn()
    users = [first.user]
    assert.deepEqual(first.groups, [])
    const membership = object(
      'Membership',
      `staff-${name}`,
      { spec: { group: { provider: name, name: 'staff' }, role: 'viewer' } },
      systemNamespace,
    )
    await world.make(membership)
    // what the controller of memberships says; it does not run here
    const status = { providerUid: provider.metadata.uid }
    await world.hub.applyStatus({ ...membership, status }, { fieldManager: 'http-test', force: true })
    const session = async () => await fetch(`${world.url}/api/v1/session`, { headers: { cookie: first.cookie } })
    await until('the role is theirs', async () => (await (await session()).text()).includes('flotilla:platform:viewer'))

    const apiToken = (await (await post('/tokens', { name: 'watch' }, first.cookie)).json()) as { token: string }
    const given = await fetch(`${world.url}/api/v1/kubernetes/token`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${apiToken.token}` },
      body: '{}',
    })
    const kubeToken = ((await given.json()) as { token: string }).token
    const opened = {
      stream: fetch(`${world.url}/api/v1/stream?topics=clusters`, { headers: { cookie: first.cookie } }),
      watch: fetch(`${world.url}/k8s/host/apis/flotilla.dev/v1alpha1/identityproviders?watch=true`, {
        headers: { authorization: `Bearer ${kubeToken}` },
      }),
    }
    const refused = await fetch(`${world.url}/k8s/host/api/v1/namespaces/${systemNamespace}/configmaps`, {
      method: 'POST',
      headers: { authorization: `Bearer ${kubeToken}`, 'content-type': 'application/json' },
      body: '{}',
    })
    assert.equal(refused.status, 403, 'the token only reads')
    const answers = await Promise.all([opened.stream, opened.watch])
    assert.deepEqual(
      answers.map(({ status: code }) => code),
      [200, 200],
    )
    const ends = answers.map(async ({ body }) => {
      const reader = body?.getReader()
      while ((await reader?.read().catch(() => ({ done: true })))?.done === false);
      return Date.now()
    })
    const key = { group: 'flotilla.dev', kind: 'IdentityProvider', name }
    await world.hub.patch(key, { type: 'merge', body: { spec: { disabled: true } } })
    const disabledAt = Date.now()
    const took = (await Promise.all(ends)).map((at) => at - disabledAt)
    assert.ok(
      took.every((ms) => ms < 5_000),
      took.join(),
    )
    assert.equal((await session()).status, 401)
    const withToken = { headers: { authorization: `Bearer ${apiToken.token}` } }
    assert.equal((await fetch(`${world.url}/api/v1/session`, withToken)).status, 401)
  })
})
