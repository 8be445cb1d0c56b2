import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createApiClient, type ApiClient, type LogItem } from '@flotilla/api'
import { silentLog } from '@flotilla/engine'
import { createKubeClient, type KubeClient, parseKubeconfig, systemClock } from '@flotilla/kube'
import { buildImage, openTestFleet } from '@flotilla/local'
import {
  apiVersion,
  FlotillaError,
  known,
  type KubeObject,
  projectNamespace,
  workspaceNamespace,
} from '@flotilla/model'
import { hashPassword } from '../access/password-hash.ts'
import { installPlatform } from '../access/install/install-platform.ts'
import { createHostState } from '../fleet/host-state.ts'
import { openSqliteStore, type SqliteStore } from '../store/sqlite-store.ts'
import { createHttp, type HttpServer } from './create-http.ts'

/**
 * The HTTP side and the command line on a real host and a real member. The controllers do not run here: what they would
 * bind, the test binds by hand under names of its own.
 */
const id = randomBytes(3).toString('hex')
const workspace = `w${id}`
const project = `p${id}`
const other = `q${id}`
const namespaces = [workspaceNamespace(workspace), projectNamespace(project), projectNamespace(other)]
const password = 'a password for tests'
const command = join(import.meta.dirname, '../../../../bin/flotilla')
const ending = new AbortController()

let hub: KubeClient
let east: KubeClient
let store: SqliteStore
let http: HttpServer
let url: string
let dir: string
let admin: ApiClient
let dora: ApiClient
let workloadUid = ''
const made: KubeObject[] = []

const object = (kind: string, name: string, more: Record<string, unknown> = {}, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
})
const rbac = (kind: string, name: string, namespace: string, more: Record<string, unknown>): KubeObject => ({
  ...object(kind, name, more, namespace),
  apiVersion: 'rbac.authorization.k8s.io/v1',
})
async function make(client: KubeClient, given: KubeObject): Promise<KubeObject> {
  made.push(given)
  return await client.apply(given, { fieldManager: 'http-test', force: true })
}
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look()
    if (found !== undefined) return found
    await wait(200)
  }
  throw new Error(`${what} did not come`)
}

before(
  async () => {
    const fleet = await openTestFleet()
    const clientOf = (name: string): KubeClient => {
      const { connection } = parseKubeconfig(fleet.clusters[name]?.kubeconfig ?? '')
      return createKubeClient({ name, connection, userAgent: 'http-test' })
    }
    hub = clientOf('hub')
    east = clientOf('east')
    await installPlatform({ host: hub, clock: systemClock, signal: ending.signal })
    for (const name of namespaces)
      await make(hub, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name,
          labels: {
            'flotilla.dev/managed': name.startsWith('ws-') ? 'workspace' : 'project',
            'flotilla.dev/workspace': workspace,
          },
        },
      })
    dir = await mkdtemp(join(tmpdir(), 'flotilla-http-cluster-'))
    store = await openSqliteStore({ dataDir: dir })
    const hash = await hashPassword(password, { memory: 64, passes: 1, parallelism: 1 })
    for (const name of ['admin', 'dora']) {
      const user = await make(hub, object('User', `${name}-${id}`, { spec: {} }))
      const uid = user.metadata.uid ?? ''
      await store.passwords.put({ userUid: uid, hash, failures: 0, mustChange: false })
      if (name === 'dora') await bindDora(uid)
      else await joinPlatform(uid)
    }
    await startTalker(fleet.registry.pushImage)
    const state = createHostState({ client: hub, log: silentLog, signal: ending.signal })
    await state.synced(ending.signal)
    const nothing = () => Promise.reject(new FlotillaError('internal', { message: 'not part of this test' }))
    http = await createHttp({
      version: '0.0.0-test',
      log: silentLog,
      clock: systemClock,
      state,
      fleet: {
        host: hub,
        list: () => [],
        get: (name) =>
          name === 'east'
            ? { name, labels: {}, edge: false, connection: { state: 'connected', since: '', version: 'v1' } }
            : undefined,
        client: () => known(east),
        deliveryClient: () => known(east),
        onChange: () => () => undefined,
      },
      live: {
        objects: () =>
          known([
            {
              ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: project, name: 'talker' },
              uid: workloadUid,
              resourceVersion: '1',
              contentHash: '',
              health: { state: 'Healthy', message: '' },
              images: [],
              scaledByOther: false,
              component: 'talker',
            },
          ]),
      },
      store,
      clusters: { add: nothing, remove: nothing },
      delivery: { revert: nothing, explain: nothing, preview: nothing, difference: nothing, adopt: nothing },
      checkAnswers: true,
    })
    ;({ url } = await http.listen({ host: '127.0.0.1', port: 0 }))
    admin = await enter('admin')
    dora = await enter('dora')
  },
  { timeout: 300_000 },
)

after(
  async () => {
    ending.abort()
    await http?.close()
    await store?.close()
    for (const given of made.toReversed()) await hub.delete(keyOf(given)).catch(() => 'gone')
    await east?.delete({ group: '', kind: 'Namespace', name: project }).catch(() => 'gone')
    await east
      ?.delete({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding', name: `http-test-${id}` })
      .catch(() => 'gone')
    await hub?.close()
    await east?.close()
    if (dir !== undefined) await rm(dir, { recursive: true, force: true })
  },
  { timeout: 120_000 },
)

const keyOf = ({ apiVersion: of, kind, metadata: { name, namespace } }: KubeObject) => ({
  group: of.includes('/') ? (of.split('/')[0] ?? '') : '',
  kind,
  name,
  namespace,
})

async function enter(name: string): Promise<ApiClient> {
  const { token } = await createApiClient({ baseUrl: url }).session.signIn({
    body: { username: `${name}-${id}`, password, kind: 'cli' },
  })
  return createApiClient({ baseUrl: url, token })
}

async function joinPlatform(uid: string): Promise<void> {
  const membership = object(
    'Membership',
    `admin-${id}`,
    { spec: { user: `admin-${id}`, role: 'admin' } },
    'flotilla-system',
  )
  await make(hub, membership)
  await hub.applyStatus({ ...membership, status: { userUid: uid } }, { fieldManager: 'http-test', force: true })
  // what the controller of clusters binds in a member
  await east.apply(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `http-test-${id}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `flotilla:user:${uid}` }],
    },
    { fieldManager: 'http-test', force: true },
  )
}

async function bindDora(uid: string): Promise<void> {
  const namespace = projectNamespace(project)
  await make(
    hub,
    rbac('Role', 'http-test', namespace, {
      rules: [{ apiGroups: ['flotilla.dev'], resources: ['applications'], verbs: ['*'] }],
    }),
  )
  await make(
    hub,
    rbac('RoleBinding', 'http-test', namespace, {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'http-test' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `flotilla:user:${uid}` }],
    }),
  )
}

async function startTalker(
  push: (name: string, image: ReturnType<typeof buildImage>) => Promise<unknown>,
): Promise<void> {
  const busybox = await readFile('/bin/busybox')
  const image = `flotilla-test/talker-${id}:1`
  const script = 'i=0; while true; do i=$((i+1)); printf "line $i \\033[2Jend\\n"; sleep 1; done'
  await push(
    image,
    buildImage([{ path: '/bin/busybox', content: busybox, mode: 0o755 }], {
      entrypoint: [
        '/bin/busybox',
        'sh',
        '-c',
        `alias sleep="/bin/busybox sleep"; ${script.replaceAll('sleep 1', '/bin/busybox sleep 1')}`,
      ],
    }),
  )
  await east.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: project } }, { fieldManager: 'http-test' })
  const labels = { app: 'talker' }
  const deployment = await east.apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'talker', namespace: project },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'talker', image: `docker.io/${image}` }] },
        },
      },
    },
    { fieldManager: 'http-test' },
  )
  workloadUid = deployment.metadata.uid ?? ''
}

const yaml = (name: string, more = ''): string =>
  `apiVersion: ${apiVersion}\nkind: Application\nmetadata: { name: ${name} }\nspec:\n  components:\n    - name: talker\n      manifests: { inline: "kind: X" }\n${more}`

describe('documents', () => {
  test('are written as the person: made, changed, unchanged', { timeout: 120_000 }, async () => {
    const apply = async (documents: string) => (await dora.documents.apply({ body: { documents, project } })).items
    assert.deepEqual(
      (await apply(yaml('web'))).map((item) => item.outcome),
      ['created'],
    )
    assert.deepEqual(
      (await apply(yaml('web'))).map((item) => item.outcome),
      ['unchanged'],
    )
    assert.deepEqual(
      (await apply(yaml('web', '  paused: true\n'))).map((item) => item.outcome),
      ['changed'],
    )
    const live = await hub.get({
      group: 'flotilla.dev',
      kind: 'Application',
      name: 'web',
      namespace: projectNamespace(project),
    })
    assert.match(live.metadata.annotations?.['flotilla.dev/changed-by'] ?? '', /^flotilla:user:/)
  })

  test(
    'with an unknown field are refused with its path, and the others are written',
    { timeout: 120_000 },
    async () => {
      const documents = `${yaml('typo', '  pausd: true\n')}---\n${yaml('fine')}`
      const { items, failed } = await dora.documents.apply({ body: { documents, project } })
      assert.equal(failed, 1)
      assert.match(items[0]?.error?.message ?? '', /pausd/)
      assert.equal(items[1]?.outcome, 'created')
    },
  )

  test('of a dry run are checked and not kept', { timeout: 120_000 }, async () => {
    const { items } = await dora.documents.apply({ body: { documents: yaml('dry'), project, dryRun: true } })
    assert.equal(items[0]?.outcome, 'created')
    await assert.rejects(dora.kinds.get({ params: { kind: 'Application', name: 'dry' }, query: { project } }), {
      code: 'kube.not_found',
    })
  })

  test('of an editor conflict when somebody else was first', { timeout: 120_000 }, async () => {
    await dora.documents.apply({ body: { documents: yaml('edit'), project } })
    const read = await dora.kinds.get({ params: { kind: 'fapp', name: 'edit' }, query: { project } })
    await dora.documents.apply({ body: { documents: yaml('edit', '  paused: true\n'), project } })
    const body = { documents: JSON.stringify(read), project, mode: 'replace' as const }
    const { items } = await dora.documents.apply({ body })
    assert.equal(items[0]?.error?.code, 'kube.conflict')
  })

  test('for a project of others are refused by the API server', { timeout: 120_000 }, async () => {
    const { items } = await dora.documents.apply({ body: { documents: yaml('web'), project: other } })
    assert.equal(items[0]?.error?.code, 'kube.forbidden')
    const { items: written } = await admin.documents.apply({ body: { documents: yaml('theirs'), project: other } })
    assert.equal(written[0]?.outcome, 'created')
  })
})

describe('what a person sees', () => {
  test('is what RBAC lets them list, in memory as on the API server', { timeout: 180_000 }, async () => {
    await until('the application of others', async () =>
      (await admin.applications.list({ query: { project: other } })).items.find((row) => row.name === 'theirs'),
    )
    for (const [client, sees] of [
      [dora, [true, false]],
      [admin, [true, true]],
    ] as const)
      for (const [at, of] of [project, other].entries()) {
        const rows = await client.applications.list({ query: { project: of } })
        const live = await client.kinds.list({ params: { kind: 'Application' }, query: { project: of } }).then(
          () => true,
          () => false,
        )
        assert.equal(rows.total > 0, live, of)
        assert.equal(live, sees[at])
      }
  })

  test('ends within seconds of the right being taken away', { timeout: 120_000 }, async () => {
    await dora.applications.get({ params: { project, application: 'web' } })
    const binding = rbac('RoleBinding', 'http-test', projectNamespace(project), {})
    const before = await hub.get(keyOf(binding))
    await hub.delete(keyOf(binding))
    const taken = Date.now()
    await until('the refusal', async () =>
      dora.applications.get({ params: { project, application: 'web' } }).then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof FlotillaError && thrown.code === 'auth.forbidden' ? true : undefined),
      ),
    )
    assert.ok(Date.now() - taken < 15_000, 'took too long')
    const { resourceVersion: _version, uid: _uid, managedFields: _fields, ...metadata } = before.metadata
    await hub.create({ ...before, metadata })
    await until('the right', async () =>
      dora.applications.get({ params: { project, application: 'web' } }).catch(() => undefined),
    )
  })
})

describe('logs of two pods', () => {
  before(
    async () => {
      const delivery = object(
        'Delivery',
        'web.east',
        {
          spec: {
            application: { name: 'web', uid: 'x' },
            project: { name: project, uid: 'x' },
            target: { cluster: 'east', namespace: project },
          },
        },
        projectNamespace(project),
      )
      await make(hub, delivery)
      await until('two pods', async () => {
        const { items } = await admin.applications
          .pods({ params: { project, application: 'web' } })
          .catch(() => ({ items: [] }))
        return items.filter((pod) => pod.ready === 1).length === 2 ? items : undefined
      })
    },
    { timeout: 180_000 },
  )

  test('come with where they are from, and with an end that says why', { timeout: 120_000 }, async () => {
    const items: LogItem[] = []
    for await (const item of admin.applications.logs({ params: { project, application: 'web' }, query: { tail: 3 } }))
      items.push(item)
    const lines = items.filter((item) => item.type === 'line')
    assert.equal(new Set(lines.map((line) => line.pod)).size, 2)
    assert.ok(lines.every((line) => line.cluster === 'east' && line.container === 'talker' && line.at !== undefined))
    assert.equal(items.at(-1)?.type, 'end')
  })

  test('are followed until the session ends', { timeout: 120_000 }, async () => {
    const mine = await enter('admin')
    let lines = 0
    let end = ''
    for await (const item of mine.applications.logs({
      params: { project, application: 'web' },
      query: { follow: true, tail: 1 },
    })) {
      if (item.type === 'line' && ++lines === 6) await mine.session.signOut()
      if (item.type === 'end') end = item.reason
    }
    assert.ok(lines >= 6)
    assert.equal(end, 'The session is over')
  })

  test(
    'are refused to who may not read them in the cluster, and the refusal is not an empty log',
    { timeout: 120_000 },
    async () => {
      const items: LogItem[] = []
      for await (const item of dora.applications.logs({ params: { project, application: 'web' } })) items.push(item)
      assert.ok(
        items.some((item) => item.type === 'failed' && /forbidden|may not/i.test(item.reason)),
        JSON.stringify(items),
      )
      assert.ok(!items.some((item) => item.type === 'line'))
    },
  )

  test('events say what happened to the pods', { timeout: 120_000 }, async () => {
    const { items, failures } = await admin.applications.events({ params: { project, application: 'web' } })
    assert.deepEqual(failures, [])
    assert.ok(items.some((event) => event.reason === 'Started' && event.component === 'talker'))
  })
})

describe('the command line, as a process', () => {
  const config = () => join(dir, 'cli.json')
  async function flotilla(
    args: readonly string[],
    stdin = '',
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(command, args, {
      env: { PATH: process.env['PATH'], HOME: dir, FLOTILLA_CONFIG: config(), XDG_CACHE_HOME: dir },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
    child.stdin.end(stdin)
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { code, out, err }
  }

  test('signs in, keeps the token to itself, and says who one is', { timeout: 120_000 }, async () => {
    assert.equal((await flotilla(['whoami'])).code, 4)
    const wrong = await flotilla(['login', url, '-u', `admin-${id}`, '--password-stdin'], 'wrong\n')
    assert.equal(wrong.code, 4)
    assert.match(wrong.err, /auth\.failed/)
    const right = await flotilla(['login', url, '-u', `admin-${id}`, '--password-stdin'], `${password}\n`)
    assert.equal(right.code, 0, right.err)
    assert.equal((await stat(config())).mode & 0o777, 0o600)
    const { out } = await flotilla(['whoami', '-o', 'json'])
    assert.equal((JSON.parse(out) as { person: { name: string } }).person.name, `admin-${id}`)
  })

  test('applies from standard input and prints what is there', { timeout: 120_000 }, async () => {
    const applied = await flotilla(['apply', '-f', '-', '-n', project], yaml('by-cli'))
    assert.equal(applied.code, 0, applied.err)
    assert.match(applied.out, /application\/by-cli in pj-.* created/)
    assert.match((await flotilla(['get', 'applications', '-n', project])).out, /NAMESPACE +NAME .*\n(.*\n)*.*by-cli/)
    const one = await flotilla(['get', 'application', 'by-cli', '-n', project, '-o', 'yaml'])
    assert.match(one.out, /kind: Application/)
    assert.equal((await flotilla(['get', 'application', 'nobody', '-n', project])).code, 1)
  })

  test('says with its exit code that an application is not healthy', { timeout: 120_000 }, async () => {
    assert.equal((await flotilla(['status', `${project}/by-cli`])).code, 3)
    assert.equal((await flotilla(['status', `${project}/by-cli`, '--wait', '2s'])).code, 3)
    assert.equal((await flotilla(['status', `${project}/by-cli`, '--wait', 'soon'])).code, 2)
  })

  test('shows logs without what would steer a terminal', { timeout: 120_000 }, async () => {
    const { code, out } = await flotilla(['logs', `${project}/web`, '--tail', '2'])
    assert.equal(code, 0)
    assert.match(out, /talker.* line \d+ \\x1b\[2Jend\n/)
    assert.ok(!out.includes('\u001B'))
  })

  test('deletes only when it is said what becomes of the objects', { timeout: 120_000 }, async () => {
    const unsaid = await flotilla(['delete', 'application', `${project}/by-cli`])
    assert.equal(unsaid.code, 2)
    assert.match(unsaid.err, /--objects keep or --objects delete/)
    const kept = await flotilla(['delete', 'application', `${project}/by-cli`, '--objects', 'keep'])
    assert.equal(kept.code, 0, kept.err)
  })

  test('refuses a document with its line, and what it cannot mean', { timeout: 120_000 }, async () => {
    await writeFile(join(dir, 'bad.yaml'), 'kind: A\nkind: B\n')
    const bad = await flotilla(['apply', '-f', join(dir, 'bad.yaml')])
    assert.equal(bad.code, 1)
    assert.match(bad.err, /Line 2/)
    assert.equal((await flotilla(['aply'])).code, 2)
    assert.equal((await flotilla(['--help'])).code, 0)
  })
})
