import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { type Fleet, openTestFleet } from '@flotilla/local'
import { type Cluster, group, type KubeObject, type Project, version } from '@flotilla/model'
import { asksOf } from './support/asks-of-routes.ts'
import { cliOf, joinClusters } from './support/flotilla-cli.ts'
import { plantEverywhere } from './support/plant-everywhere.ts'
import { PlantedSecrets } from './support/planted-secrets.ts'
import { until } from './support/prepare-project.ts'
import type { Ran } from './support/run-program.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'
import { connectionOf } from '../packages/kube/src/testing/connection-of.ts'
import { sendWrongly, walkRoutes } from './support/walk-routes.ts'

/** What the core of the server does with clusters, workspaces, projects and credentials, on real clusters. */
describe('the fleet, from a cluster added to a project removed', () => {
  const suffix = randomBytes(3).toString('hex')
  const name = `life-${suffix}`
  const inWorkspace = `ws-${name}`
  const inProject = `pj-${name}`
  let fleet: Fleet
  let server: RunningFlotilla
  let hub: KubeClient
  let east: KubeClient
  let joined: readonly string[] = []
  let flotilla: (...args: string[]) => Promise<Ran>
  const opened: KubeClient[] = []

  const connect = (cluster: string): KubeClient => {
    const connection = connectionOf(fleet.clusters[cluster]?.kubeconfig)
    const client = createKubeClient({ name: cluster, connection, userAgent: 'flotilla-e2e' })
    opened.push(client)
    return client
  }
  const kind = (of: string, namespace = '', at = name) => ({ group, version, kind: of, namespace, name: at })
  const namespaceKey = (at: string) => ({ group: '', version: 'v1', kind: 'Namespace', name: at })
  const binding = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', namespace: name }
  const declare = (of: string, namespace: string, spec: object, at = name): KubeObject => ({
    apiVersion: `${group}/${version}`,
    kind: of,
    metadata: { name: at, ...(namespace === '' ? {} : { namespace }) },
    spec,
  })
  const targetOf = async (cluster: string) => {
    const project = (await hub.get(kind('Project', inWorkspace))) as unknown as Project
    return project.status?.targets?.find((target) => target.cluster === cluster)
  }

  before(async () => {
    fleet = await openTestFleet()
    hub = connect('hub')
    east = connect('east')
    // what it says at its most talkative is looked through for secrets
    server = await startFlotilla({ fleet, logLevel: 'debug' })
    flotilla = await cliOf(server)
    joined = await joinClusters(flotilla, fleet, ['east', 'west'])
  })
  after(async () => {
    for (const made of ['Project', 'Workspace']) {
      const key = kind(made, made === 'Project' ? inWorkspace : '')
      await hub.delete(key).catch(() => 'gone already')
      await until(async () => (await hub.find(key)) === undefined).catch(() => 'said by the tests')
    }
    for (const cluster of joined) await flotilla('cluster', 'remove', cluster, '--objects', 'keep')
    await until(async () => {
      const left = await hub.list({ group, version, kind: 'Cluster' })
      return !left.items.some(({ metadata }) => joined.includes(metadata.name))
    }).catch(() => 'said by the tests')
    await server.stop()
    await Promise.all(opened.map((client) => client.close()))
  })

  test('keeps a token of its own instead of the credential that was lent', async () => {
    const secret = await hub.get({
      group: '',
      version: 'v1',
      kind: 'Secret',
      namespace: 'flotilla-system',
      name: 'cluster-east',
    })
    assert.deepEqual(Object.keys(secret['data'] ?? {}).sort(), ['ca.crt', 'token'])
    const again = await flotilla(
      'cluster',
      'add',
      `twin-${suffix}`,
      '--kubeconfig',
      fleet.clusters['east']?.kubeconfigPath ?? '',
    )
    assert.notEqual(again.code, 0)
    assert.match(again.output, /in the fleet already, as east/)
  })

  test('says what a cluster is like, and writes nothing when nothing changes', async () => {
    const read = async () => (await hub.get(kind('Cluster', '', 'east'))) as unknown as Cluster
    // what was missing when the cluster was added is noticed when it comes
    await until(async () => {
      const { status } = await read()
      return (status?.nodes?.ready ?? 0) > 0 && status?.lacks?.includes('metrics-server') !== true
    })
    const { status } = await read()
    assert.equal(status?.state, 'Connected')
    assert.ok((status.capacity?.cpuMillis ?? 0) >= 1000)
    assert.ok((status.requested?.pods ?? 0) > 0)
    const workspaces = await hub.list({ group, version, kind: 'Workspace' })
    await wait(5_000)
    const later = await hub.list({ group, version, kind: 'Workspace' })
    const versions = (list: typeof later) => list.items.map(({ metadata }) => metadata.resourceVersion)
    assert.deepEqual(versions(later), versions(workspaces))
  })

  test('refuses a namespace that is there already, until its administrator hands it over', async () => {
    await east.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    await hub.create(declare('Workspace', '', {}))
    await until(async () => (await hub.find(namespaceKey(inWorkspace))) !== undefined)
    await until(async () => {
      await hub.create(declare('Project', inWorkspace, { targets: [{ clusters: { names: ['east', 'west'] } }] }))
      return true
    })
    await until(async () => (await targetOf('west'))?.state === 'Ready')
    const refused = await targetOf('east')
    assert.equal(refused?.state, 'Refused')
    assert.match(refused.message ?? '', /flotilla.dev\/adopt/)
    assert.equal(await east.find({ ...binding, name: 'flotilla:delivery' }), undefined)
    await east.patch(namespaceKey(name), {
      type: 'merge',
      body: { metadata: { annotations: { 'flotilla.dev/adopt': name } } },
    })
    await until(async () => (await targetOf('east'))?.state === 'Ready')
    assert.ok((await east.find({ ...binding, name: 'flotilla:delivery' })) !== undefined)
  })

  test('puts a binding back that somebody took away', async () => {
    const key = { ...binding, name: 'flotilla:delivery' }
    const before = await east.get(key)
    await east.delete(key)
    await until(async () => {
      const { uid } = (await east.find(key))?.metadata ?? {}
      return uid !== undefined && uid !== before.metadata.uid
    }, 15_000)
  })

  test('lets the delivery group act in its namespaces only', async () => {
    const { metadata } = await hub.get(kind('Project', inWorkspace))
    const uid = metadata.uid ?? ''
    const deliverer = east.as({ user: `flotilla:delivery:${uid}`, groups: [`flotilla:project:${uid}:delivery`] })
    const configMap = (namespace: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x', namespace },
    })
    await deliverer.create(configMap(name))
    await assert.rejects(deliverer.create(configMap('default')), /cannot create/)
    // not the namespace itself, nor limits that were set on it
    const patch = { type: 'merge', body: { metadata: { labels: { 'flotilla.dev/owner': 'me' } } } } as const
    await assert.rejects(deliverer.patch(namespaceKey(name), patch), /cannot patch/)
    await deliverer.delete({ group: '', version: 'v1', kind: 'ConfigMap', namespace: name, name: 'x' })
  })

  test('refuses a second project of the name, and says who has it', async () => {
    const other = `other-${suffix}`
    await hub.create(declare('Workspace', '', {}, other))
    try {
      await until(async () => (await hub.find(namespaceKey(`ws-${other}`))) !== undefined)
      await until(async () => {
        await hub.create(declare('Project', `ws-${other}`, { targets: [] }))
        return true
      })
      const rival = kind('Project', `ws-${other}`)
      await until(async () => {
        const { status } = (await hub.get(rival)) as unknown as Project
        return status?.conditions?.some(({ reason }) => reason === 'NameTaken') === true
      })
      assert.equal(((await hub.get(rival)) as unknown as Project).status?.namespace, undefined)
      await hub.delete(rival)
      await until(async () => (await hub.find(rival)) === undefined)
      assert.ok((await hub.find(namespaceKey(inProject))) !== undefined, 'the first one keeps its namespace')
    } finally {
      await hub.delete(kind('Workspace', '', other))
    }
  })

  test('copies a pull secret to every target, follows its source, and takes it away again', async () => {
    const source = (password: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', namespace: inProject },
      stringData: { username: 'u', password },
    })
    await hub.create(source('first'))
    const spec = { type: 'Registry', host: 'registry.example', secretName: 'login', copyToTargets: true }
    await hub.create(declare('Credential', inProject, spec, 'pull'))
    const key = { group: '', version: 'v1', kind: 'Secret', namespace: name, name: 'pull' }
    const password = async (): Promise<string | undefined> => {
      const content = (await east.find(key))?.['data'] as { '.dockerconfigjson'?: string } | undefined
      const text = Buffer.from(content?.['.dockerconfigjson'] ?? '', 'base64').toString()
      if (text === '') return undefined
      return (JSON.parse(text) as { auths: Record<string, { password: string }> }).auths['registry.example']?.password
    }
    await until(async () => (await password()) === 'first')
    await hub.apply(source('second'), { fieldManager: 'e2e', force: true })
    await until(async () => (await password()) === 'second')
    await hub.delete(kind('Credential', inProject, 'pull'))
    await until(async () => (await east.find(key)) === undefined)
    await until(async () => (await hub.find(kind('Credential', inProject, 'pull'))) === undefined)
  })

  test('gives secrets away in no answer, stream, object or line of its log, whichever way they come in', async () => {
    const secrets = new PlantedSecrets()
    /** Where, and what. */
    const given: string[] = []
    /** By whom may do everything: what was refused proves nothing. */
    const unanswered: string[] = []
    const api = await server.api()
    const west = connect('west')
    const planted = await plantEverywhere({ secrets, api, url: server.url, hub, member: west, fleet, name })
    try {
      secrets.add("the administrator's first password", server.password)
      const { server: address, caPem } = connectionOf(fleet.clusters['west']?.kubeconfig)
      const token = secrets.plant('kubeconfig')
      const ca = Buffer.from(caPem ?? '').toString('base64')
      const kubeconfig = (user: object): string =>
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Config',
          clusters: [{ name: 'c', cluster: { server: address, 'certificate-authority-data': ca } }],
          users: [{ name: 'u', user: { token, ...user } }],
          contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
          'current-context': 'x',
        })
      const params = { project: name, workspace: name, cluster: 'west', application: 'fine' }
      for (const person of [planted.viewer, planted.admin]) {
        const newPassword = secrets.plant('new password')
        const asks = asksOf({ name, person, newPassword, document: planted.document, kubeconfig })
        const walk = { url: server.url, token: person.token, params, asks }
        if (person === planted.viewer)
          for (const { route, text } of await sendWrongly(walk, secrets.plant('wrong input')))
            for (const secret of secrets.foundIn(text)) given.push(`${route.id}, sent wrongly: ${secret}: ${text}`)
        const answers = await walkRoutes(walk)
        for (const { route, ask, status, text } of answers) {
          const what = `${person.name} ${route.id} ${JSON.stringify({ ...ask, body: undefined })}`
          for (const secret of secrets.foundIn(text)) given.push(`${what}: ${secret}`)
          const wanted = ask.status === undefined ? status < 300 : status === ask.status
          if (!wanted && person === planted.admin) unanswered.push(`${what}: ${text}`)
          // a session that the walk opened is no business of the log either
          for (const [token] of text.matchAll(/flo_[\w-]{43}/g)) secrets.add('token that the walk was given', token)
        }
        const seen = (id: string) => answers.filter(({ route }) => route.id === id).map(({ status }) => status)
        assert.deepEqual(new Set(seen('applications.get')), new Set([200]), 'even a viewer reads applications')
      }
      for (const [where, client, namespace] of [
        ['host', hub, inProject],
        ['host', hub, 'flotilla-system'],
        ['member', west, name],
      ] as const)
        for (const what of ['ConfigMap', 'Event']) {
          const { items } = await client.list({ group: '', kind: what }, { namespace })
          for (const secret of secrets.foundIn(JSON.stringify(items)))
            given.push(`${what} of ${namespace} in the ${where}: ${secret}`)
        }
      for (const secret of secrets.foundIn(await server.log())) given.push(`the log: ${secret}`)
      assert.deepEqual({ given, unanswered }, { given: [], unanswered: [] })
    } finally {
      await planted.remove()
    }
  })

  test('a project leaves a namespace that was handed over, and takes an empty one of its own along', async () => {
    const client = connect('west')
    await hub.delete(kind('Project', inWorkspace))
    await until(async () => (await hub.find(kind('Project', inWorkspace))) === undefined)
    await until(async () => (await client.find(namespaceKey(name))) === undefined)
    const left = await east.get(namespaceKey(name))
    assert.equal(left.metadata.labels?.['flotilla.dev/owner'], undefined)
    assert.equal(await east.find({ ...binding, name: 'flotilla:delivery' }), undefined)
    await until(async () => (await hub.find(namespaceKey(inProject))) === undefined)
    await east.delete(namespaceKey(name))
  })
})
