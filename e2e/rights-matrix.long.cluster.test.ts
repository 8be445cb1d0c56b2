import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type ApiClient, createApiClient } from '@flotilla/api'
import { anyRoutes } from '@flotilla/api/contract'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { type Fleet, openTestFleet } from '@flotilla/local'
import { isRecord, projectNamespace, systemNamespace, workspaceNamespace } from '@flotilla/model'
import { connectionOf } from '../packages/kube/src/testing/connection-of.ts'
import { cliOf, joinClusters } from './support/flotilla-cli.ts'
import { type Department, type HostRight, matrixAsks } from './support/matrix-asks.ts'
import { until } from './support/prepare-project.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'
import { askRoute } from './support/walk-routes.ts'

const kind = (of: string, metadata: string, spec: string): string =>
  `apiVersion: flotilla.dev/v1alpha1\nkind: ${of}\nmetadata: ${metadata}\nspec: ${spec}\n`
const password = 'a password for the matrix'

interface Person {
  readonly what: string
  readonly token: string
  readonly api: ApiClient
  readonly user: string
  readonly groups: readonly string[]
}

/**
 * Two departments on three clusters, and people of different roles: every route of the contract is asked about both by
 * everybody. Who is entitled is said by the host's own authorizer, not by Flotilla.
 */
describe('people x routes x departments', () => {
  const suffix = randomBytes(3).toString('hex')
  const departments: readonly Department[] = [
    { workspace: `red-${suffix}`, project: `rose-${suffix}`, cluster: 'east' },
    { workspace: `blue-${suffix}`, project: `sky-${suffix}`, cluster: 'west' },
  ]
  const [red, blue] = departments as [Department, Department]
  /** Role, and the namespace of its Membership; nobody has none. */
  const roles: readonly (readonly [string, string, string])[] = [
    ['a platform administrator', systemNamespace, 'admin'],
    ['a platform viewer', systemNamespace, 'viewer'],
    ['the administrator of red', workspaceNamespace(red.workspace), 'admin'],
    ['a developer of red', workspaceNamespace(red.workspace), 'developer'],
    ['an operator of the project of red', projectNamespace(red.project), 'operator'],
    ['a viewer of blue', workspaceNamespace(blue.workspace), 'viewer'],
    ['nobody', '', ''],
  ]
  let fleet: Fleet
  let server: RunningFlotilla
  let admin: ApiClient
  let joined: readonly string[] = []
  let cli: (...args: string[]) => Promise<{ code: number; output: string }>
  let people: Person[] = []
  const clients = new Map<string, KubeClient>()

  const clientOf = (cluster: string): KubeClient => {
    const found = clients.get(cluster)
    if (found !== undefined) return found
    const connection = connectionOf(fleet.clusters[cluster]?.kubeconfig)
    const client = createKubeClient({ name: cluster, connection, userAgent: 'flotilla-e2e' })
    clients.set(cluster, client)
    return client
  }

  async function reviewed(
    cluster: string,
    person: Pick<Person, 'user' | 'groups'>,
    right: HostRight,
    group: string,
  ): Promise<boolean> {
    const [resource, subresource] = right.resource.split('/')
    const answer = await clientOf(cluster).create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: { name: '' },
      spec: {
        user: person.user,
        groups: [...person.groups, 'system:authenticated'],
        resourceAttributes: { ...right, resource, subresource, group },
      },
    })
    return isRecord(answer['status']) && answer['status']['allowed'] === true
  }

  before(
    async () => {
      fleet = await openTestFleet()
      server = await startFlotilla({ fleet })
      admin = await server.api()
      cli = await cliOf(server)
      joined = await joinClusters(cli, fleet, ['hub', 'east', 'west'])
      const make = (documents: string) =>
        until(async () => (await admin.documents.apply({ body: { documents } })).failed === 0)
      for (const { workspace, project, cluster } of departments) {
        await make(kind('Workspace', `{ name: ${workspace} }`, `{ clusters: { names: [hub, ${cluster}] } }`))
        await make(
          kind(
            'Project',
            `{ name: ${project}, namespace: ws-${workspace} }`,
            `{ targets: [{ clusters: { names: [hub, ${cluster}] } }] }`,
          ),
        )
        const inline = `{ apiVersion: v1, kind: ConfigMap, metadata: { name: web }, data: { of: secret-of-${project} } }`
        await make(
          kind(
            'Application',
            `{ name: web, namespace: pj-${project} }`,
            `{ components: [{ name: web, manifests: { inline: '${inline}' } }], placement: { clusters: { names: [${cluster}] } } }`,
          ),
        )
      }
      people = await Promise.all(
        roles.map(async ([what, namespace, role], at) => {
          const name = `person-${at}-${suffix}`
          await make(kind('User', `{ name: ${name} }`, '{}'))
          if (namespace !== '')
            await make(
              kind('Membership', `{ name: ${name}, namespace: ${namespace} }`, `{ user: ${name}, role: ${role} }`),
            )
          await until(
            async () =>
              (await admin.users.setPassword({ params: { user: name }, body: { password, mustChange: false } })).done,
            20_000,
            100,
          )
          const { token = '' } = await createApiClient({ baseUrl: server.url }).session.signIn({
            body: { username: name, password, kind: 'cli' },
          })
          const api = createApiClient({ baseUrl: server.url, token })
          const groups = (): Promise<readonly string[]> => api.session.get().then((session) => session.person.groups)
          await until(async () => namespace === '' || (await groups()).length > 0, 20_000, 100)
          const { person } = await api.session.get()
          return { what, token, api, user: `flotilla:user:${person.uid}`, groups: person.groups }
        }),
      )
      for (const { project, cluster } of departments)
        await until(async () => {
          const { matrix } = await admin.applications.get({ params: { project, application: 'web' } })
          return matrix.targets.some((target) => target.cluster === cluster && target.health === 'Healthy')
        })
    },
    { timeout: 300_000 },
  )
  after(
    async () => {
      for (const { project } of departments)
        await admin.applications
          .remove({ params: { project, application: 'web' }, query: { objects: 'delete' } })
          .catch(() => 'gone')
      await until(async () => {
        const { items } = await admin.applications.list()
        return !items.some((row) => departments.some(({ project }) => project === row.project))
      }).catch(() => 'said by the tests')
      for (const { workspace, project } of departments) {
        await admin.kinds
          .remove({ params: { kind: 'Project', name: project }, query: { workspace, objects: 'delete' } })
          .catch(() => 'gone')
        await until(async () => (await admin.projects.list()).items.every(({ name }) => name !== project)).catch(
          () => 'said by the tests',
        )
        await admin.kinds.remove({ params: { kind: 'Workspace', name: workspace }, query: {} }).catch(() => 'gone')
      }
      for (const at of roles.keys()) {
        const name = `person-${at}-${suffix}`
        await admin.kinds
          .remove({ params: { kind: 'Membership', name }, query: { namespace: systemNamespace } })
          .catch(() => 'none')
        await admin.kinds.remove({ params: { kind: 'User', name }, query: {} }).catch(() => 'gone')
      }
      for (const cluster of joined) await cli('cluster', 'remove', cluster, '--objects', 'keep')
      await until(async () => (await admin.clusters.list()).items.every(({ name }) => !joined.includes(name))).catch(
        () => 'said by the tests',
      )
      await server.stop()
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
    { timeout: 200_000 },
  )

  test('every route answers those who are entitled, and nobody else', { timeout: 240_000 }, async () => {
    const wrong: string[] = []
    const count = { entitled: 0, refused: 0 }
    const byId = new Map(anyRoutes.map((route) => [route.id, route]))
    for (const department of departments) {
      const asks = matrixAsks(admin, department)
      for (const person of people) {
        for (const [id, all] of asks) {
          const route = byId.get(id)
          if (route === undefined) continue
          for (const ask of all) {
            const rights = await Promise.all(
              (ask.anyOf ?? []).map((right) => reviewed('hub', person, right, 'flotilla.dev')),
            )
            const entitled = ask.anyOf === undefined || rights.includes(true)
            if (entitled) await ask.before?.()
            const { status, text } = await askRoute({ url: server.url, token: person.token, route, ask })
            // several documents have an answer each
            const perDocument = id === 'documents.apply' && status === 200 && text.includes('"code":"kube.forbidden"')
            const answered = ask.status === undefined ? status < 300 && !perDocument : status === ask.status
            const refused = status === 403 || status === 404 || perDocument
            if (entitled ? !answered : !refused)
              wrong.push(
                `${person.what}, ${id} of ${department.project}: ${entitled ? 'is entitled' : 'is not'}, got ${text.slice(0, 400)}`,
              )
            count[entitled ? 'entitled' : 'refused']++
            // whoever may not read a department's application sees no word of it anywhere
            const reads = await reviewed(
              'hub',
              person,
              { verb: 'list', resource: 'applications', namespace: projectNamespace(department.project) },
              'flotilla.dev',
            )
            if (!reads && text.includes(`secret-of-${department.project}`))
              wrong.push(`${person.what} reads the content of ${department.project} by ${id}`)
          }
        }
        for (const [list, of] of [
          ['applications', department.project],
          ['projects', department.project],
          ['workspaces', department.workspace],
        ] as const) {
          const sees = JSON.stringify(await person.api[list].list()).includes(of)
          const rights =
            list === 'applications'
              ? ['applications', projectNamespace(of)]
              : ['projects', workspaceNamespace(department.workspace)]
          const right = { verb: 'list', resource: rights[0] ?? '', namespace: rights[1] ?? '' }
          const entitled =
            (await reviewed('hub', person, right, 'flotilla.dev')) ||
            (list === 'projects' && person.what.includes('project of') && department === red)
          if (sees !== entitled) wrong.push(`${person.what}: ${list} ${sees ? 'shows' : 'hides'} ${of}`)
        }
      }
    }
    assert.deepEqual(wrong, [])
    assert.ok(count.entitled > 100 && count.refused > 100, JSON.stringify(count))
  })

  test(
    'through the Kubernetes proxy everybody has what the cluster says, and other clusters are not there',
    { timeout: 120_000 },
    async () => {
      const wrong: string[] = []
      const everything = people.map(async (person) => {
        const { token } = await person.api.kubernetes.token({ body: {} })
        const reached = new Map((await person.api.kubernetes.clusters()).items.map((one) => [one.name, one]))
        for (const cluster of ['hub', 'east', 'west'])
          for (const { project } of departments)
            for (const [method, path, right] of [
              ['GET', `/api/v1/namespaces/${project}/pods`, { verb: 'list', resource: 'pods', namespace: project }],
              [
                'GET',
                `/api/v1/namespaces/${project}/secrets`,
                { verb: 'list', resource: 'secrets', namespace: project },
              ],
              ['GET', '/api/v1/nodes', { verb: 'list', resource: 'nodes', namespace: '' }],
              [
                'POST',
                `/api/v1/namespaces/${project}/configmaps?dryRun=All`,
                { verb: 'create', resource: 'configmaps', namespace: project },
              ],
              [
                'WATCH',
                `/api/v1/namespaces/${project}/pods?watch=true&timeoutSeconds=1`,
                { verb: 'watch', resource: 'pods', namespace: project },
              ],
            ] as const) {
              const isThere =
                (await clientOf(cluster).find({ group: '', kind: 'Namespace', name: project })) !== undefined
              // a member knows the same groups; those that are bound nowhere there change nothing
              const allowed = await reviewed(cluster, person, right, '')
              const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'tried-' } })
              const answer = await fetch(`${server.url}/k8s/clusters/${cluster}${path}`, {
                method: method === 'POST' ? 'POST' : 'GET',
                headers: {
                  authorization: `Bearer ${token}`,
                  ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
                },
                ...(method === 'POST' ? { body } : {}),
              })
              const text = await answer.text()
              const wanted = !reached.has(cluster) ? [404] : allowed ? (isThere ? [200, 201] : [200, 201, 404]) : [403]
              if (!wanted.includes(answer.status) || (allowed && !reached.has(cluster)))
                wrong.push(
                  `${person.what}: ${method} ${path} in ${cluster}: ${answer.status}, wanted ${wanted.join()} ${text.slice(0, 200)}`,
                )
            }
      })
      await Promise.all(everything)
      assert.deepEqual(wrong, [])
    },
  )

  test('the live stream tells of a change only those who may see it', { timeout: 60_000 }, async () => {
    const ending = new AbortController()
    const told = new Map<string, string>()
    const reading = people.map(async (person) => {
      const address = `${server.url}/api/v1/stream?topics=applications,clusters,projects,workspaces`
      const answer = await fetch(address, {
        headers: { authorization: `Bearer ${person.token}` },
        signal: ending.signal,
      })
      const decoder = new TextDecoder()
      told.set(person.what, '')
      try {
        for await (const chunk of answer.body ?? [])
          told.set(
            person.what,
            `${told.get(person.what) ?? ''}${decoder.decode(chunk as Uint8Array, { stream: true })}`,
          )
      } catch {
        // it ends with the test
      }
    })
    await until(async () => told.size === people.length, 20_000, 50)
    for (const { project } of departments) {
      await admin.applications.pause({ params: { project, application: 'web' }, body: {} })
      await admin.applications.resume({ params: { project, application: 'web' }, body: {} })
    }
    const root = people[0]?.what ?? ''
    await until(
      async () => departments.every(({ project }) => told.get(root)?.includes(`"${project}/web"`) === true),
      20_000,
      50,
    )
    // what others would be told came at the same time
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    ending.abort()
    await Promise.all(reading)
    for (const person of people)
      for (const { project } of departments) {
        const right = { verb: 'list', resource: 'applications', namespace: projectNamespace(project) }
        const sees = told.get(person.what)?.includes(`${project}/web`) === true
        assert.equal(sees, await reviewed('hub', person, right, 'flotilla.dev'), `${person.what}, ${project}`)
      }
  })
})
