import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { Identity } from '@flotilla/kube'
import { isRecord, type KubeObject } from '@flotilla/model'
import { type Hub, openHub } from '../../testing/open-hub.ts'
import { until } from '../../testing/until.ts'
import type { RbacView } from './rbac-view.ts'
import { watchRbac } from './watch-rbac.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const roles = 12
const questions = 250

/** What the filter of lists says is what the API server's own authorizer says. */
describe('rights from memory', () => {
  const ending = new AbortController()
  let hub: Hub
  let view: RbacView & { synced(): Promise<void> }
  let prefix: string
  let namespaces: string[]
  before(async () => {
    hub = await openHub()
    prefix = `rbac-${hub.suffix}`
    namespaces = ['one', 'two'].map((name) => `${prefix}-${name}`)
    for (const name of namespaces) await hub.make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    view = watchRbac(hub.client, ending.signal)
    await view.synced()
  })
  after(async () => {
    ending.abort()
    await hub?.[Symbol.asyncDispose]()
  })

  const words = <T extends string>(...all: T[]) =>
    fc.subarray(all, { minLength: 1, maxLength: Math.min(3, all.length) })
  const rule = fc.record({
    verbs: words('get', 'list', 'create', '*', 'grant'),
    apiGroups: words('', 'apps', 'flotilla.dev', '*'),
    resources: words('pods', 'pods/log', 'deployments', 'deployments/scale', 'applications', '*/scale', '*'),
    resourceNames: fc.option(words('a', 'b'), { nil: undefined, freq: 2 }),
  })
  const group = (of: number): string => `flotilla:${prefix}:${of}`
  const subject = fc.oneof(
    fc.nat(2).map((of) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: group(of) })),
    fc
      .nat(1)
      .map((of) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `flotilla:user:${prefix}-${of}` })),
  )
  const shape = fc.record({
    rules: fc.array(rule, { minLength: 1, maxLength: 2 }),
    wideRole: fc.boolean(),
    // few of the cluster's: with one everything is allowed everywhere
    wideBinding: fc.nat(3).map((one) => one === 0),
    namespace: fc.nat(1),
    subjects: fc.array(subject, { minLength: 1, maxLength: 2 }),
  })
  const question = fc.record({
    user: fc.nat(2),
    groups: fc.subarray([0, 1, 2]),
    namespace: fc.nat(2),
    verb: fc.constantFrom('get', 'list', 'create', 'delete', 'grant'),
    group: fc.constantFrom('', 'apps', 'flotilla.dev', 'batch'),
    resource: fc.constantFrom(
      'pods',
      'pods/log',
      'pods/exec',
      'deployments',
      'deployments/scale',
      'applications',
      'secrets',
    ),
    name: fc.constantFrom(undefined, 'a', 'c'),
  })

  test('equal the SubjectAccessReview of a real API server', { timeout: 240_000 }, async () => {
    const [shapes = []] = fc.sample(fc.array(shape, { minLength: roles, maxLength: roles }), 1)
    for (const [at, one] of shapes.entries()) {
      const name = `${prefix}-${at}`
      const namespace = namespaces[one.namespace] ?? ''
      const wideRole = one.wideRole || one.wideBinding
      const inside = (wide: boolean) => (wide ? { name } : { name, namespace })
      const role: KubeObject = {
        apiVersion,
        kind: wideRole ? 'ClusterRole' : 'Role',
        metadata: inside(wideRole),
        rules: one.rules,
      }
      await hub.make(role)
      await hub.make({
        apiVersion,
        kind: one.wideBinding ? 'ClusterRoleBinding' : 'RoleBinding',
        metadata: inside(one.wideBinding),
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name },
        subjects: one.subjects,
      })
    }
    // the last one was seen here, and the API server's own authorizer follows its own watch
    const last: Identity = { user: 'x', groups: [`flotilla:${prefix}:last`] }
    await hub.make({
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${prefix}-last` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: last.groups[0] }],
    })
    const sign = { verb: 'list', group: '', resource: 'pods', namespace: namespaces[0] ?? '' }
    await until('the last binding', async () =>
      view.may(last, sign) === true && (await review(last, sign)) ? true : undefined,
    )

    let allowed = 0
    for (const asked of fc.sample(question, questions)) {
      const identity = { user: `flotilla:user:${prefix}-${asked.user}`, groups: asked.groups.map(group) }
      const namespace = [...namespaces, ''][asked.namespace] ?? ''
      const right = { verb: asked.verb, group: asked.group, resource: asked.resource, name: asked.name, namespace }
      const said = view.may(identity, right)
      const wanted = await review(identity, right)
      assert.equal(said, wanted, JSON.stringify({ identity, right, shapes }))
      if (namespace !== '') {
        const places = view.places(identity, right)
        assert.equal(places === 'everywhere' || places?.has(namespace), wanted)
      }
      if (wanted) allowed++
    }
    assert.ok(allowed > questions / 20 && allowed < questions, `${allowed} of ${questions} were allowed`)
  })

  async function review(
    identity: Identity,
    right: { verb: string; group: string; resource: string; namespace: string; name?: string | undefined },
  ): Promise<boolean> {
    const [resource = '', subresource] = right.resource.split('/')
    const { verb, group: of, namespace, name } = right
    const answer = await hub.client.create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: { name: '' },
      // as the API server itself adds it for whoever is impersonated
      spec: {
        user: identity.user,
        groups: [...identity.groups, 'system:authenticated'],
        resourceAttributes: { verb, group: of, resource, subresource, namespace, name },
      },
    })
    return isRecord(answer['status']) && answer['status']['allowed'] === true
  }
})
