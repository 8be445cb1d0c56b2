import assert from 'node:assert/strict'
import type { KubeClient } from '@flotilla/kube'
import {
  apiVersion,
  asFlotillaError,
  type BuiltInRole,
  builtInRoles,
  type KubeObject,
  projectGroup,
  workspaceGroup,
} from '@flotilla/model'
import { roleBinding, roles } from '@flotilla/reconcile'
import { application, type Hub, kindRef, makeTenant, openHub } from '../../../testing/open-hub.ts'
import { until } from '../../../testing/until.ts'

/** Refused by RBAC or by a policy; the words tell which. */
export async function refused(
  work: Promise<unknown>,
  words: RegExp,
  codes = ['kube.forbidden', 'kube.invalid'],
): Promise<void> {
  await assert.rejects(work, (thrown: unknown) => {
    const { code, message } = asFlotillaError(thrown)
    assert.ok(codes.includes(code), `${code}: ${message}`)
    assert.match(message, words)
    return true
  })
}

export const project = (namespace: string, name: string, spec: Record<string, unknown> = {}): KubeObject => ({
  apiVersion,
  kind: 'Project',
  metadata: { name, namespace },
  spec: { targets: [], ...spec },
})
export const membership = (namespace: string, name: string, role_: string): KubeObject => ({
  apiVersion,
  kind: 'Membership',
  metadata: { name, namespace },
  spec: { user: 'somebody', role: role_ },
})
export const delivery = (namespace: string, name: string): KubeObject => ({
  apiVersion,
  kind: 'Delivery',
  metadata: { name, namespace },
  spec: {
    application: { name: 'web', uid: 'u' },
    project: { name: 'p', uid: 'u' },
    target: { cluster: 'east', namespace: 'p' },
  },
})
export const customRole = (namespace: string, spec: object, name = 'releaser'): KubeObject => ({
  apiVersion,
  kind: 'CustomRole',
  metadata: { name, namespace },
  spec,
})

export type Tenant = Awaited<ReturnType<typeof makeTenant>>

/** Two tenants on a real host, with every built-in role bound, and clients of whoever has one. */
export interface Tenancy {
  readonly hub: Hub
  readonly mine: Tenant
  readonly others: Tenant
  as(...groups: string[]): KubeClient
  /** Somebody with a role in the workspace. */
  role(name: BuiltInRole<'workspace'>, tenant?: Tenant): KubeClient
  /** Somebody with a role in the project only. */
  inProject(name: BuiltInRole<'project'>, tenant?: Tenant): KubeClient
  /** Gives the group rights by a Role of a person's own making, so that only admission stands in the way. */
  grantByHand(namespace: string, group: string, resources: readonly string[], verbs: readonly string[]): Promise<void>
}

export async function openTenancy(): Promise<Tenancy> {
  const hub = await openHub()
  const mine = await makeTenant(hub, `mine-${hub.suffix}`)
  const others = await makeTenant(hub, `others-${hub.suffix}`)
  const as = (...groups: string[]): KubeClient => hub.client.as({ user: 'flotilla:user:test-ada', groups })
  const tenancy: Tenancy = {
    hub,
    mine,
    others,
    as,
    role: (name, tenant = mine) => as(workspaceGroup(tenant.uid, name)),
    inProject: (name, tenant = mine) => as(projectGroup(tenant.uid, name)),
    grantByHand: (...given) => grantByHand(hub, as, ...given),
  }
  for (const tenant of [mine, others]) {
    for (const name of builtInRoles.workspace) {
      const groups = [workspaceGroup(tenant.uid, name)]
      const at = { name: `flotilla:${name}`, groups, labels: {} }
      await hub.make(roleBinding({ ...at, namespace: tenant.workspace, role: roles.workspace[name] }))
      await hub.make(roleBinding({ ...at, namespace: tenant.project, role: roles.project[name] }))
    }
    for (const name of builtInRoles.project) {
      const at = { namespace: tenant.project, name: `flotilla:project-${name}`, labels: {} }
      await hub.make(roleBinding({ ...at, role: roles.project[name], groups: [projectGroup(tenant.uid, name)] }))
    }
  }
  await untilInForce(tenancy)
  return tenancy
}

/** Policies that were just installed, or changed, are in force a moment later. */
async function untilInForce({ hub, mine, inProject }: Tenancy): Promise<void> {
  const refusedWith = (work: Promise<unknown>, words: RegExp): Promise<boolean> =>
    work.then(
      () => false,
      (thrown: unknown) => words.test(asFlotillaError(thrown).message),
    )
  const probe = await hub.client.create(application(mine.project, 'probe'))
  const edit = { type: 'merge', body: { spec: { maxConcurrency: 2 } } } as const
  const key = { ...kindRef('Application'), namespace: mine.project, name: 'probe' }
  await until('the policies are in force', async () => {
    const dryRun = { dryRun: true }
    return (
      (await refusedWith(hub.client.create(project('default', 'stray'), dryRun), /namespace of a workspace/)) &&
      (await refusedWith(hub.client.create(membership('default', 'stray', 'viewer'), dryRun), /pj-<project>/)) &&
      (await refusedWith(inProject('operator').patch(key, edit, dryRun), /An operator pauses/))
    )
  })
  await hub.client.delete(key, { uid: probe.metadata.uid ?? '' })
}

async function grantByHand(
  hub: Hub,
  as: Tenancy['as'],
  namespace: string,
  group: string,
  resources: readonly string[],
  verbs: readonly string[],
): Promise<void> {
  const metadata = { name: `by-hand-${resources.join('-')}`, namespace }
  await hub.make({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: ['flotilla.dev'], resources, verbs }],
  })
  await hub.make({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
  })
  // the API server's authorizer hears of it a moment later
  const asked = { group: 'flotilla.dev', namespace, resource: resources[0], verb: verbs[0] }
  await until('the right is there', async () => {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: { name: '' },
      spec: { resourceAttributes: asked },
    }
    return ((await as(group).create(review))['status'] as { allowed?: boolean }).allowed
  })
}
