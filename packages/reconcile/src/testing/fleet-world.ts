import {
  annotations,
  type Cluster,
  type Credential,
  finalizer,
  type Known,
  known,
  type KubeObject,
  labels,
  type Membership,
  type Project,
  refKey,
  refOf,
  unknown,
  type Workspace,
} from '@flotilla/model'
import { type DesiredObject, hostCluster } from '../decision.ts'
import type { ClusterSight, NamespaceSight, OwnedSight } from '../ownership/sights.ts'

/** A cluster as far as the decisions about the fleet see it: what executing a decision would leave behind. */
export class ClusterWorld {
  readonly namespaces = new Map<string, NamespaceSight>()
  readonly objects = new Map<string, { object: KubeObject; uid: string }>()
  #uids = 0

  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  addNamespace(name: string, has: Partial<NamespaceSight> = {}): NamespaceSight {
    const namespace: NamespaceSight = {
      name,
      uid: `${this.name}-ns-${++this.#uids}`,
      owner: undefined,
      project: undefined,
      adopt: undefined,
      adopted: false,
      deleting: false,
      ...has,
    }
    this.namespaces.set(name, namespace)
    return namespace
  }

  /** Server-side apply, as far as anybody looks. Gives whether anything changed. */
  apply(object: KubeObject): boolean {
    const has = object.metadata.labels ?? {}
    if (object.kind === 'Namespace') {
      const { name } = object.metadata
      const before = this.namespaces.get(name)
      const after: NamespaceSight = {
        ...(before ?? this.addNamespace(name)),
        owner: has[labels.owner],
        project: has[labels.project],
        adopted: object.metadata.annotations?.[annotations.adopted] === 'true' || before?.adopted === true,
      }
      this.namespaces.set(name, after)
      return JSON.stringify(before) !== JSON.stringify(after)
    }
    const key = refKey(refOf(object))
    const before = this.objects.get(key)
    if (before !== undefined && JSON.stringify(before.object) === JSON.stringify(object)) return false
    this.objects.set(key, { object, uid: before?.uid ?? `${this.name}-${++this.#uids}` })
    return true
  }

  deleteNamespace(name: string, uid: string): void {
    if (this.namespaces.get(name)?.uid !== uid) return
    this.namespaces.delete(name)
    for (const [key, { object }] of this.objects) if (object.metadata.namespace === name) this.objects.delete(key)
  }

  releaseNamespace(name: string, uid: string): void {
    const before = this.namespaces.get(name)
    if (before?.uid !== uid) return
    this.namespaces.set(name, { ...before, owner: undefined, project: undefined, adopted: false })
  }

  prune(owned: OwnedSight): void {
    const key = refKey(owned.ref)
    if (this.objects.get(key)?.uid === owned.uid) this.objects.delete(key)
  }

  sight(): ClusterSight {
    const owned = Array.from(this.objects.values(), ({ object, uid }): OwnedSight => ({
      ref: refOf(object),
      uid,
      resourceVersion: '1',
      owner: object.metadata.labels?.[labels.owner] ?? '',
      deleting: false,
      ...(object.kind === 'ResourceQuota'
        ? { quota: { hard: (object['spec'] as { hard: Record<string, string> }).hard, used: {} } }
        : {}),
    }))
    return { namespaces: new Map(this.namespaces), owned }
  }
}

/** The host and some members. */
export class FleetWorld {
  readonly clusters = new Map<string, ClusterWorld>()

  constructor(members: readonly string[]) {
    for (const name of [hostCluster, ...members]) this.clusters.set(name, new ClusterWorld(name))
  }

  of(name: string): ClusterWorld {
    const found = this.clusters.get(name)
    if (found === undefined) throw new Error(`the world has no cluster ${name}`)
    return found
  }

  get host(): ClusterWorld {
    return this.of(hostCluster)
  }

  /** How many of the objects were not as they should be. */
  applyAll(objects: Known<readonly DesiredObject[]>): number {
    if (!objects.known) return 0
    return objects.value.filter(({ cluster, object }) => this.of(cluster).apply(object)).length
  }
}

const meta = (name: string, uid: string, more: object = {}) => ({ name, uid, generation: 1, ...more })
export const api = { apiVersion: 'flotilla.dev/v1alpha1' as const }
export const held = { finalizers: [finalizer] }
export const now = '2026-05-01T10:00:00.000Z'
/** Metadata of what is being deleted. */
export const going = { ...held, deletionTimestamp: now }

export const aWorkspace = (name = 'retail', more: object = {}): Workspace => ({
  ...api,
  kind: 'Workspace',
  metadata: meta(name, `ws-uid-${name}`, more),
  spec: {},
})

export const aProject = (name: string, spec: Partial<Project['spec']> = {}, more: object = {}): Project => ({
  ...api,
  kind: 'Project',
  metadata: meta(name, `pj-uid-${name}`, {
    namespace: 'ws-retail',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...more,
  }),
  spec: { targets: [{ clusters: {} }], scope: 'Namespaced', podSecurity: 'baseline', ...spec },
})

export const aCluster = (name: string, more: object = {}): Cluster => ({
  ...api,
  kind: 'Cluster',
  metadata: meta(name, `cl-uid-${name}`, more),
  spec: { connection: { type: 'direct', server: 'https://10.0.0.1:6443', secretName: `cluster-${name}` }, edge: false },
})

export const aCredential = (spec: Partial<Credential['spec']> = {}, more: object = {}): Credential => ({
  ...api,
  kind: 'Credential',
  metadata: meta('pull', 'cr-uid', { namespace: 'pj-shop', ...more }),
  spec: { type: 'Registry', host: 'registry.example', secretName: 's', copyToTargets: true, ...spec },
})

export const aMembership = (role = 'developer', status?: Membership['status']): Membership => ({
  ...api,
  kind: 'Membership',
  metadata: meta('ada', 'ms-uid', { namespace: 'ws-retail' }),
  spec: { user: 'ada', role },
  ...(status === undefined ? {} : { status }),
})

/** Freezes a value all the way down: a decision that writes to its input fails. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    const children: unknown[] =
      value instanceof Map ? [...value.values()] : value instanceof Set ? [] : Object.values(value)
    children.forEach(frozen)
  }
  return value
}

export const away: Known<never> = unknown('the cluster is away')
export { known }
