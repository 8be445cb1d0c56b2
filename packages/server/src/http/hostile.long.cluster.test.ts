import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { projectNamespace, systemNamespace, workspaceNamespace } from '@flotilla/model'
import { until } from '../testing/until.ts'
import { type HttpWorld, object, openHttpWorld } from './testing/open-http-world.ts'

let world: HttpWorld
/** Another name of the member `east`. */
let member = ''
before(
  async () => {
    world = await openHttpWorld()
    member = `member-${world.id}`
    const connection = { type: 'direct', server: 'https://10.0.0.1:6443', secretName: `cluster-${member}` }
    await world.make(object('Cluster', member, { spec: { connection } }))
    await until('the member is known', async () =>
      (await world.admin.kubernetes.clusters()).items.some(({ name }) => name === member),
    )
  },
  { timeout: 300_000 },
)
after(() => world?.close(), { timeout: 120_000 })

interface Answer {
  readonly status: number
  readonly text: string
}

/** Bytes as they are: what a client library would put right, or refuse to send. */
function raw(lines: readonly string[]): Promise<Answer> {
  const { hostname, port } = new URL(world.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${lines[0]}`)))
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')))
    socket.once('error', reject)
    socket.once('close', () => resolve({ status: Number(text.split(' ')[1] ?? 0), text }))
    socket.write([...lines, '', ''].join('\r\n'))
  })
}

/** What kubectl would send, for an API token of the administrator. */
async function kubeTokenOf(apiToken: string): Promise<string> {
  const answer = await fetch(`${world.url}/api/v1/kubernetes/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' },
    body: '{}',
  })
  return ((await answer.json()) as { token: string }).token
}
const tokenFor = async (body: { access: 'read' | 'write'; project?: string }): Promise<string> =>
  await kubeTokenOf((await world.admin.tokens.create({ body: { name: 'hostile', days: 1, ...body } })).token)
const ask = (token: string, path: string, method = 'GET', body?: string): Promise<Answer> =>
  fetch(`${world.url}/k8s${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  }).then(async (answer) => ({ status: answer.status, text: await answer.text() }))

describe('what a stranger tries at the addresses of API servers', () => {
  test('reading Secrets is in the audit, however their address is written', { timeout: 60_000 }, async () => {
    const token = await tokenFor({ access: 'read' })
    const namespace = 'kube-system'
    const written = [
      `/clusters/${member}/api/v1/namespaces/${namespace}/secrets/none-1`,
      `/clusters/${member}/api/v1/namespaces%2F${namespace}%2Fsecrets%2Fnone-2`,
      `/clusters/${member}/api/v1/namespaces/${namespace}/s%65crets/none-3`,
      `/clusters/${member}/api%2fv1/namespaces/${namespace}/secrets/none-4`,
    ]
    const answers = await Promise.all(written.map((path) => ask(token, path)))
    // the API server takes each of them for the same question
    assert.deepEqual(
      answers.map(({ status }) => status),
      written.map(() => 404),
    )
    for (const { text } of answers) assert.match(text, /secrets \\"none-\d\\" not found/)
    const seen = await until('the records', async () => {
      const { items } = await world.admin.audit.list({ query: { kind: ['secrets'], cluster: [member] } })
      const names = items.map(({ target }) => target.name).filter((name) => name?.startsWith('none-'))
      return names.length >= written.length ? names : undefined
    })
    assert.deepEqual(new Set(seen), new Set(['none-1', 'none-2', 'none-3', 'none-4']))
  })

  test('a token that only reads upgrades nothing and writes nothing', { timeout: 60_000 }, async () => {
    const token = await tokenFor({ access: 'read' })
    const at = `/clusters/${member}/api/v1/namespaces/kube-system`
    assert.equal((await ask(token, `${at}/pods?limit=1`)).status, 200)
    for (const [method, path] of [
      ['POST', `${at}/configmaps`],
      ['POST', `${at}/pods/x/exec?command=sh`],
      ['PUT', `${at}/configmaps/x`],
      ['PATCH', `${at}/configmaps/x`],
      ['DELETE', `${at}/configmaps/x`],
      ['GET', `${at}/services/x/proxy/`],
      ['GET', `${at}/pods%2Fx%2Fexec`],
    ] as const) {
      const { status, text } = await ask(token, path, method, method === 'GET' ? undefined : '{}')
      assert.equal(status, 403, `${method} ${path}`)
      assert.match(text, /This token only reads/)
    }
    const head = ['Host: x', `Authorization: Bearer ${token}`, 'Connection: Upgrade', 'Upgrade: websocket']
    for (const path of [`${at}/pods/x/exec?command=sh`, `${at}/pods/x/log`, `${at}/pods?watch=1`]) {
      const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
      assert.equal((await raw([`GET /k8s${path} HTTP/1.1`, ...head, ...key])).status, 403, path)
    }
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const lines = ['Host: x', `Authorization: Bearer ${token}`, `X-HTTP-Method-Override: ${method}`]
      const { status, text } = await raw([
        `GET /k8s${at}/configmaps/none HTTP/1.1`,
        ...lines,
        'Connection: close',
        'Content-Length: 0',
      ])
      assert.equal(status, 404, text)
    }
  })

  test('a token for a project is nobody beyond it, for the host as well', { timeout: 60_000 }, async () => {
    const { id, project, other, make, hub } = world
    await make(object('Workspace', `w${id}`, { spec: {} }))
    const of = object('Project', project, { spec: { targets: [] } }, workspaceNamespace(`w${id}`))
    const uid = (await make(of)).metadata.uid
    const status = { namespace: projectNamespace(project) }
    await hub.applyStatus({ ...of, status }, { fieldManager: 'http-test', force: true })
    const token = await until('the project is known', () =>
      tokenFor({ access: 'write', project }).catch(() => undefined),
    )
    const who = await ask(
      token,
      '/host/apis/authentication.k8s.io/v1/selfsubjectreviews',
      'POST',
      '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
    )
    const { groups } = (JSON.parse(who.text) as { status: { userInfo: { groups: string[] } } }).status.userInfo
    assert.deepEqual(groups.toSorted(), [`flotilla:project:${uid}:admin`, 'system:authenticated'])
    const kinds = '/host/apis/flotilla.dev/v1alpha1'
    for (const path of [
      `${kinds}/users`,
      `${kinds}/namespaces/${systemNamespace}/memberships`,
      `${kinds}/namespaces/${projectNamespace(other)}/applications`,
      `/host/api/v1/namespaces/${systemNamespace}/secrets`,
      '/host/api/v1/secrets',
    ])
      assert.equal((await ask(token, path)).status, 403, path)
    for (const path of [
      `/clusters/${member}/api/v1/pods`,
      '/clusters/none/api',
      `/clusters/${member}/../host/api/v1/secrets`,
    ])
      assert.equal(
        (await raw([`GET /k8s${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${token}`, 'Connection: close']))
          .status,
        404,
        path,
      )
  })

  test('a request that is written oddly is refused, or is what it looks like', { timeout: 60_000 }, async () => {
    const token = await tokenFor({ access: 'write' })
    const me = [`Authorization: Bearer ${token}`, 'Host: x', 'Connection: close']
    const at = `/k8s/clusters/${member}/api/v1/namespaces`
    for (const [lines, statuses] of [
      [[`GET ${at} HTTP/1.1`, ...me, 'Impersonate-User: system:admin'], [403]],
      [[`GET ${at} HTTP/1.1`, ...me, 'iMPERSONATE-gROUP: system:masters'], [403]],
      [[`GET ${at} HTTP/1.1`, ...me, 'Impersonate-Extra-Scopes: x'], [403]],
      [[`GET ${at} HTTP/1.1`, 'Host: x', 'Connection: close', `Cookie: flotilla-session=${token}`], [401]],
      [[`GET ${at}?access_token=${token} HTTP/1.1`, 'Host: x', 'Connection: close'], [401]],
      [[`GET ${at} HTTP/1.1`, ...me, 'Impersonate-User : system:admin'], [400]],
      [[`GET ${at} HTTP/1.1`, ...me, 'X: y', ' Impersonate-User: system:admin'], [400]],
      [[`GET ${at} HTTP/1.1`, ...me, 'Transfer-Encoding: chunked', 'Content-Length: 5'], [400]],
      [[`GET ${at} HTTP/1.1`, ...me, 'Transfer-Encoding: xchunked'], [400]],
      [
        [`GET ${at}/%2e%2e/%2e%2e/%2e%2e/host/api HTTP/1.1`, ...me],
        [400, 403, 404, 422],
      ],
      [[`GET http://169.254.169.254${at} HTTP/1.1`, ...me], [404]],
      [[`GET //k8s/clusters/${member}/api HTTP/1.1`, ...me], [404]],
      [[`GET /k8s/clusters/${member.toUpperCase()}/api HTTP/1.1`, ...me], [404]],
      [[`GET /k8s/clusters/${member}%2f..%2fhost/api HTTP/1.1`, ...me], [404]],
      [
        [`GET /k8s/clusters/${member}/api#/../x HTTP/1.1`, ...me],
        [400, 404],
      ],
      [
        [`CONNECT east:6443 HTTP/1.1`, ...me],
        [0, 400, 404, 405],
      ],
      [
        [`TRACE ${at} HTTP/1.1`, ...me],
        [400, 403, 404, 405],
      ],
    ] as const) {
      const { status, text } = await raw(lines)
      assert.ok((statuses as readonly number[]).includes(status), `${lines.join(' | ')}: ${text.slice(0, 300)}`)
      assert.ok(!text.includes(token) && !text.includes('kube-system'), lines[0])
    }
  })

  test('what a token has open ends within 5 s of its being revoked', { timeout: 60_000 }, async () => {
    const { token, id } = await world.admin.tokens.create({ body: { name: 'open', days: 1 } })
    const kube = await kubeTokenOf(token)
    const kinds = '/k8s/host/apis/flotilla.dev/v1alpha1'
    const opened = await Promise.all(
      [
        { path: '/api/v1/stream?topics=clusters', with: token },
        { path: '/api/v1/stream?topics=resources:pods', with: token },
        { path: `${kinds}/users?watch=true`, with: kube },
        { path: `/k8s/clusters/${member}/api/v1/pods?watch=true`, with: kube },
      ].map(async ({ path, with: bearer }) => {
        const answer = await fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${bearer}` } })
        assert.equal(answer.status, 200, path)
        return { path, body: answer.body }
      }),
    )
    const ends = opened.map(async ({ path, body }) => {
      const reader = body?.getReader()
      while ((await reader?.read().catch(() => ({ done: true })))?.done === false);
      return { path, at: performance.now() }
    })
    await world.admin.tokens.revoke({ params: { token: id } })
    const revokedAt = performance.now()
    for (const { path, at } of await Promise.all(ends))
      assert.ok(at - revokedAt < 5_000, `${path} went on for ${at - revokedAt} ms`)
    assert.equal((await ask(kube, '/host/api')).status, 401)
  })
})
