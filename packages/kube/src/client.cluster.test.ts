import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { parseAggregated, parseGroups, parseResources } from './discovery-documents.ts'
import type { KubeClient } from './kube-client.ts'
import { KubeError } from './kube-error.ts'
import { createTestCertificate } from './testing/certificates.ts'
import { everyApiAvailable } from './testing/every-api-available.ts'
import { openRealCluster, type RealCluster } from './testing/real-cluster.ts'
import { until } from './testing/wait.ts'

let cluster: RealCluster
let client: KubeClient
let namespace: string

before(async () => {
  cluster = await openRealCluster()
  ;({ client, namespace } = cluster)
})
after(() => cluster[Symbol.asyncDispose]())

const configMaps = { group: '', kind: 'ConfigMap' }
const configMap = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})
const key = (name: string) => ({ ...configMaps, namespace, name })
const deployment = (name: string, replicas?: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'none:1' }] } },
  },
})

async function failure(promise: Promise<unknown>): Promise<FlotillaError> {
  try {
    await promise
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError, String(thrown))
    return thrown
  }
  throw new Error('it succeeded')
}

describe('writing', () => {
  test('creates once, and says that it exists', async () => {
    const created = await client.create(configMap('once', { a: '1' }), { fieldManager: 'flotilla' })
    assert.ok(created.metadata.uid)
    const error = await failure(client.create(configMap('once', {})))
    assert.equal(error.code, 'kube.conflict')
    assert.equal((error as KubeError).reason, 'AlreadyExists')
  })

  test('applies as one manager, names a conflict field by field, and forces it only when told', async () => {
    const applied = await client.apply(deployment('web', 0), { fieldManager: 'flotilla' })
    await client.scale({ group: 'apps', kind: 'Deployment', namespace, name: 'web' }, 2, { fieldManager: 'autoscaler' })
    const error = await failure(client.apply(deployment('web', 0), { fieldManager: 'flotilla' }))
    assert.equal(error.code, 'kube.conflict')
    const { causes } = error as KubeError
    assert.deepEqual(
      causes.map(({ reason, field }) => [reason, field]),
      [['FieldManagerConflict', '.spec.replicas']],
    )
    const left = await client.apply(deployment('web'), { fieldManager: 'flotilla' })
    assert.equal((left['spec'] as { replicas: number }).replicas, 2)
    const forced = await client.apply(deployment('web', 1), { fieldManager: 'flotilla', force: true })
    assert.equal((forced['spec'] as { replicas: number }).replicas, 1)
    assert.equal(forced.metadata.uid, applied.metadata.uid)
  })

  test('a dry run answers and changes nothing', async () => {
    const answer = await client.apply(configMap('dry', { a: '1' }), { fieldManager: 'flotilla', dryRun: true })
    assert.deepEqual(answer['data'], { a: '1' })
    assert.equal(await client.find(key('dry')), undefined)
  })

  test('an update of an older version is refused', async () => {
    const first = await client.create(configMap('versions', { a: '1' }))
    await client.update({ ...first, data: { a: '2' } })
    const error = await failure(client.update({ ...first, data: { a: '3' } }))
    assert.deepEqual([error.code, (error as KubeError).reason], ['kube.conflict', 'Conflict'])
  })

  test('patches by merge and by operations', async () => {
    await client.create(configMap('patched', { a: '1', b: '1' }))
    await client.patch(key('patched'), { type: 'merge', body: { data: { a: null, c: '1' } } })
    const operations = [{ op: 'replace', path: '/data/b', value: '2' }] as const
    const patched = await client.patch(key('patched'), { type: 'json', operations })
    assert.deepEqual(patched['data'], { b: '2', c: '1' })
  })

  test('status is written apart from the rest', async () => {
    await client.apply(deployment('status', 0), { fieldManager: 'flotilla' })
    const { spec: _, ...bare } = deployment('status')
    const condition = { type: 'Shown', status: 'True', reason: 'Test', message: '' }
    const body = { ...bare, status: { conditions: [condition] } } as KubeObject
    const applied = await client.applyStatus(body, { fieldManager: 'flotilla-status' })
    const { conditions } = applied['status'] as { conditions: { type: string }[] }
    assert.ok(conditions.some(({ type }) => type === 'Shown'))
  })

  test('an object that is not valid names the field', async () => {
    const error = await failure(client.create(configMap('Not-Valid', {})))
    assert.deepEqual([error.code, error.field], ['kube.invalid', 'metadata.name'])
  })

  test('the words of a refused Secret never quote it', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace },
      data: { password: { hunter2: 'hunter2' } },
    }
    const bad = { ...secret, data: { password: 'hunter2-is-not-base64' } }
    for (const body of [secret, bad]) {
      for (const write of [() => client.apply(body, { fieldManager: 'flotilla' }), () => client.create(body)]) {
        const error = await failure(write())
        assert.ok(!`${error.message}${JSON.stringify(error)}${error.remedy}`.includes('hunter2'), error.message)
      }
    }
  })
})

describe('deleting', () => {
  test('tells deleted, deleting and absent apart', async () => {
    await client.create(configMap('plain', {}))
    const held = configMap('held', {})
    await client.create({ ...held, metadata: { ...held.metadata, finalizers: ['flotilla.dev/test'] } })
    assert.equal(await client.delete(key('plain')), 'deleted')
    assert.equal(await client.delete(key('held')), 'deleting')
    assert.equal(await client.delete(key('none')), 'absent')
    await client.patch(key('held'), { type: 'merge', body: { metadata: { finalizers: null } } })
    assert.equal(await client.find(key('held')), undefined)
  })

  test('never takes another object of the same name', async () => {
    const first = await client.create(configMap('again', {}))
    const { uid } = first.metadata
    assert.ok(uid !== undefined)
    await client.delete(key('again'), { uid })
    await client.create(configMap('again', {}))
    assert.equal((await failure(client.delete(key('again'), { uid }))).code, 'kube.conflict')
    assert.ok(await client.find(key('again')))
  })
})

describe('listing', () => {
  test('reads page by page what one read would give, without managedFields, each item with its kind', async () => {
    await Promise.all(Array.from({ length: 23 }, (_, i) => client.create(configMap(`page-${i}`, { i: String(i) }))))
    const sizes: number[] = []
    const names = new Set<string>()
    for await (const page of client.pages(configMaps, { namespace, pageSize: 10 })) {
      sizes.push(page.items.length)
      for (const item of page.items) {
        names.add(item.metadata.name)
        assert.deepEqual([item.apiVersion, item.kind, item.metadata.managedFields], ['v1', 'ConfigMap', undefined])
      }
    }
    assert.ok(sizes.length >= 3 && sizes.slice(0, -1).every((size) => size === 10))
    const whole = await client.request<{ items: KubeObject[] }>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/configmaps`,
    })
    assert.deepEqual([...names].sort(), whole.body.items.map((item) => item.metadata.name).sort())
  })

  test('refuses more than it was told to take', async () => {
    const error = await failure(client.list(configMaps, { namespace, pageSize: 5, maxItems: 10 }))
    assert.equal(error.code, 'input.too_large')
  })

  test('selects by label', async () => {
    const labelled = configMap('labelled', {})
    await client.create({ ...labelled, metadata: { ...labelled.metadata, labels: { x: 'y' } } })
    const { items } = await client.list(configMaps, { namespace, labelSelector: 'x=y' })
    assert.deepEqual(
      items.map((item) => item.metadata.name),
      ['labelled'],
    )
  })
})

describe('acting as somebody', () => {
  test('user, every group and extras arrive', async () => {
    const view = client.as({
      user: 'flotilla:user:7',
      groups: ['flotilla:a', 'flotilla:b'],
      extra: { 'flotilla.dev/via': ['x', 'y'] },
    })
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: '' } }
    const answer = await view.create(review)
    const { userInfo } = answer['status'] as { userInfo: { username: string; groups: string[]; extra: unknown } }
    assert.equal(userInfo.username, 'flotilla:user:7')
    assert.deepEqual(userInfo.groups.slice(0, 2), ['flotilla:a', 'flotilla:b'])
    assert.deepEqual(userInfo.extra, { 'flotilla.dev/via': ['x', 'y'] })
  })

  test('who has no right is refused by the cluster', async () => {
    const view = client.as({ user: 'flotilla:user:8', groups: [] })
    assert.equal((await failure(view.list(configMaps, { namespace }))).code, 'kube.forbidden')
  })
})

describe('discovery', () => {
  test('the aggregated and the plain documents say the same', async () => {
    const get = async (path: string, accept: string): Promise<unknown> =>
      (await client.request({ method: 'GET', path, accept })).body
    // while an aggregated API of a young cluster comes up, the one tells it before the other
    await until(() => everyApiAvailable(client), 'every API is available')
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const aggregated = parseAggregated(await get('/apis', accept))
    const groups = parseGroups(await get('/apis', 'application/json'))
    assert.deepEqual(
      aggregated.map(({ group, version, preferred }) => ({ group, version, preferred })).sort(byGroup),
      groups.sort(byGroup),
    )
    for (const { group, version, kinds } of aggregated) {
      const plain = parseResources(await get(`/apis/${group}/${version}`, 'application/json'), group, version)
      const byResource = (a: { resource: string }, b: { resource: string }): number =>
        a.resource < b.resource ? -1 : 1
      const comparable = (all: typeof plain) =>
        [...all]
          .sort(byResource)
          .map((one) => [
            one.resource,
            one.kind,
            one.namespaced,
            one.hasScale,
            one.hasStatus,
            [...one.verbs].sort(),
            [...one.subresources].sort(),
          ])
      assert.deepEqual(comparable(plain), comparable([...kinds]), `${group}/${version}`)
    }
  })

  test('a kind that comes with a new CustomResourceDefinition is found', async () => {
    const group = `${namespace}.flotilla.dev`
    const kind = { group, kind: 'Widget' }
    assert.equal((await failure(client.discovery.resolveKind(kind))).code, 'kube.kind_not_served')
    const name = `widgets.${group}`
    await client.create(widgetDefinition(name, group))
    try {
      let resolved
      for (let tries = 0; resolved === undefined && tries < 100; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        resolved = await client.discovery.resolveKind(kind).catch(() => undefined)
      }
      assert.deepEqual([resolved?.resource, resolved?.version, resolved?.namespaced], ['widgets', 'v1', true])
      const wrong = await failure(client.discovery.resolveKind({ ...kind, version: 'v9' }))
      assert.match(wrong.message, /as v1, not as v9/)
    } finally {
      await client.delete({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name })
    }
  })

  test('names what Helm charts ask for', async () => {
    const versions = await client.discovery.apiVersions()
    for (const one of ['v1', 'apps/v1', 'apps/v1/Deployment', 'v1/Pod']) assert.ok(versions.includes(one), one)
  })
})

test('the server says its version and that it is ready', async () => {
  await client.readyz()
  assert.match((await client.serverVersion()).gitVersion, /^v1\.\d+/)
})

test('an authority that did not sign the server is refused; a credential it does not know is unauthorized', async () => {
  const { connection } = cluster
  const stranger = createTestCertificate({ name: 'stranger' })
  const distrusted = cluster.connect({ ...connection, caPem: stranger.certPem }, { retries: 0 })
  const error = await failure(distrusted.readyz())
  assert.equal(error.code, 'cluster.unreachable')
  assert.match(error.message, /authority that is not known/)
  const unknown = cluster.connect({ ...connection, auth: { kind: 'token', token: () => 'wrong-secret-token' } })
  const rejected = await failure(unknown.list(configMaps, { namespace }))
  assert.equal(rejected.code, 'cluster.unauthorized')
  assert.ok(!`${rejected.message}${rejected.remedy}`.includes('wrong-secret-token'))
})

test('logs are read, followed and let go', async () => {
  await cluster.runPod('talker', ['sh', '-c', 'i=0; while true; do echo line $i; i=$((i+1)); sleep 0.1; done'])
  const pod = { namespace, name: 'talker' }
  const stop = new AbortController()
  const stream = await client.logs(pod, { follow: true, container: 'main', signal: stop.signal })
  let text = ''
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString()
    if (text.includes('line 5')) break
  }
  assert.ok(text.startsWith('line 0\nline 1\n'))
  const aborted = await client.logs(pod, { follow: true, signal: stop.signal })
  const reading = (async () => {
    for await (const _ of aborted);
  })()
  stop.abort(new Error('enough'))
  await assert.rejects(reading)
  await until(() => client.transport.load.streams === 0, 'its streams are closed')
  await client.evict(pod, { gracePeriodSeconds: 0 })
})

const byGroup = (a: { group: string; version: string }, b: { group: string; version: string }): number =>
  `${a.group}/${a.version}` < `${b.group}/${b.version}` ? -1 : 1

function widgetDefinition(name: string, group: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
}
