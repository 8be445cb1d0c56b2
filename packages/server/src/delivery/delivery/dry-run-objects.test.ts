import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KubeError } from '@flotilla/kube'
import { FlotillaError } from '@flotilla/model'
import type { Inventory } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { asFailure, dryRunObjects, ownershipContext } from './dry-run-objects.ts'

test('a binding that gives too much is refused with what it gives and what to do', () => {
  const ref = {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'RoleBinding',
    namespace: 'shop',
    name: 'root',
  }
  const rules = Array.from({ length: 5 }, (_, at) => `{APIGroups:["g${at}"], Resources:["*"], Verbs:["*"]}`)
  const message = `Cluster east: rolebindings.rbac.authorization.k8s.io "root" is forbidden: user "flotilla:delivery:u" (groups=["a"]) is attempting to grant RBAC permissions not currently held:\n${rules.join('\n')}`
  const failure = asFailure({ ref }, new FlotillaError('kube.forbidden', { message }))
  assert.equal(failure.code, 'delivery.object_refused')
  assert.match(
    failure.message,
    /^RoleBinding shop\/root would give more rights than this project has in shop: \{APIGroups:\["g0"\]/,
  )
  assert.match(failure.message, /g2.* and 2 more$/)
  assert.doesNotMatch(failure.message, /flotilla:delivery|g3/)
  assert.match(failure.remedy ?? '', /scope: Cluster/)
})

test('what exists may be taken over until the component was applied once', () => {
  const metadata = { name: 'a' }
  const application = { metadata: { ...metadata, annotations: { 'flotilla.dev/adopt': 'west,east' } } }
  const bench = (cluster: string) =>
    // only what is asked for here
    ({
      delivery: {
        metadata: { name: 'web.east', namespace: 'pj-shop', uid: 'd' },
        spec: { application: { name: 'web' }, target: { cluster, namespace: 'shop' } },
      },
      deps: { state: { applications: { get: () => application } } },
    }) as unknown as Pick<Workbench, 'delivery' | 'deps'>
  const entry = { ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' }, component: 'old' }
  const inventory = (components: Inventory['components']): Inventory => ({
    deliveryUid: 'd',
    epoch: 1,
    attempt: '1',
    components,
    entries: [entry],
  })
  const adopt = (component: string, seen: Inventory | undefined, cluster = 'east') => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    return ownershipContext(bench(cluster), { component, object }, seen).adopt
  }
  assert.equal(adopt('old', undefined), true)
  assert.equal(adopt('old', inventory({})), true, 'a first try that failed may be repeated')
  assert.equal(adopt('old', inventory({ old: { digest: 'x' } })), false)
  assert.equal(adopt('new', inventory({ old: { digest: 'x' } })), true)
  assert.equal(adopt('old', undefined, 'north'), false)
})

describe('an API server that answers ill', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } }
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' }
  const prepared = { component: 'web', ref, object, hash: 'h', fromCrdFolder: false, keep: false, leaveTo: [] }
  const tryOne = (wrong: FlotillaError) => {
    const apply = async (): Promise<never> => {
      throw wrong
    }
    // stands in for a member, as far as a dry-run of one new object asks
    const bench = {
      client: { name: 'east', apply },
      owners: {
        read: async () => undefined,
        strip: async () => ({ object, scaled: false }),
      },
      counters: { add: () => {} },
      signal: new AbortController().signal,
    } as unknown as Workbench
    const arriving = { kinds: [], namespaces: [], roles: [] }
    const effect = { kind: 'dryRun', key: 'k', objects: [prepared], arriving, inventory: undefined } as const
    return dryRunObjects(bench, effect, new Map())
  }

  test('says nothing of the objects: the work is tried again', async () => {
    const answers = [
      ['kube.overloaded', 429, 'TooManyRequests', 'too many requests'],
      ['kube.unavailable', 500, 'InternalError', 'failed calling webhook "deny.example.com": connection refused'],
      ['kube.unavailable', 504, 'Timeout', 'timed out'],
    ] as const
    for (const [code, httpStatus, reason, message] of answers) {
      const error = new KubeError(code, { message, reason, httpStatus, causes: [] })
      await assert.rejects(tryOne(error), (thrown) => thrown === error, `${httpStatus}`)
    }
    const hung = new FlotillaError('cluster.timeout', { message: 'no answer' })
    await assert.rejects(tryOne(hung), (thrown) => thrown === hung)
  })

  test('is told from one that refuses', async () => {
    const answer = await tryOne(new FlotillaError('kube.invalid', { message: 'data: wrong' }))
    assert.ok(answer.kind === 'failures')
    assert.deepEqual(
      answer.failures.map(({ message }) => message),
      ['ConfigMap shop/a: data: wrong'],
    )
  })
})
