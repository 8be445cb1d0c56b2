import {
  apiVersion,
  type ApplicationSpec,
  type Delivery,
  finalizer,
  type FrozenDocument,
  Plan,
  type PlanSpec,
  type Release,
  type Rollout,
  RolloutControl,
  type WantedSet,
} from '@flotilla/model'

export const author = 'flotilla:user:alice'
export const approver = 'flotilla:user:bob'
export const approvers: readonly string[] = [approver, 'flotilla:user:carol']
export const start = '2026-03-02T10:00:00.000Z'

export const setOf = (digest: string): WantedSet => ({
  digest,
  components: [{ name: 'web', digest: `${digest}-web`, ownOverrides: 0, hookTimeoutSeconds: 300 }],
})

/** What a target that left its application is to have. */
export const emptySet = (digest: string): WantedSet => ({ digest: `${digest}-empty`, components: [] })

const application = { name: 'shop', uid: 'app-uid' }
const project = { name: 'retail', uid: 'project-uid', scope: 'Namespaced' as const }
const spec = { components: [{ name: 'web' }] } as unknown as ApplicationSpec

export const planSpec = (plan: (typeof Plan.shape.spec)['_zod']['input']): PlanSpec => Plan.shape.spec.parse(plan)

/** A release that goes from `old` to `digest` in clusters of the given names, each with one target; `leaving` are emptied. */
export function frozenRelease(
  name: string,
  digest: string,
  old: string | undefined,
  clusters: readonly string[],
  leaving: ReadonlySet<string> = new Set(),
): { readonly release: Release; readonly frozen: FrozenDocument } {
  const release: Release = {
    apiVersion,
    kind: 'Release',
    metadata: { name, uid: `${name}-uid` },
    spec: { application: 'shop', components: [], authors: [author], freeze: true },
    status: {
      phase: 'Frozen',
      frozen: {
        digest: `sets-of-${name}`,
        document: `document-of-${name}`,
        at: start,
        authors: [author],
        componentVersions: [],
        targets: [],
      },
    },
  }
  const targets = clusters.map((cluster) => ({
    ...(leaving.has(cluster) ? emptySet(digest) : setOf(digest)),
    cluster,
    namespace: 'shop',
    environment: 'prod',
    delivery: `shop.${cluster}`,
    ...(old === undefined ? {} : { baseline: setOf(old) }),
  }))
  const frozen: FrozenDocument = {
    release: { name, uid: `${name}-uid` },
    application,
    project,
    declared: spec,
    choices: [],
    spec,
    sources: [],
    targets,
    migrations: [],
    at: start,
  }
  return { release, frozen }
}

export function rolloutOf(name: string, at: string, rest: Partial<Rollout['spec']> = {}): Rollout {
  return {
    apiVersion,
    kind: 'Rollout',
    metadata: { name, uid: `${name}-uid`, generation: 1, creationTimestamp: at, finalizers: [finalizer] },
    spec: {
      application: 'shop',
      release: 'v2',
      plan: 'plan',
      author,
      control: RolloutControl.parse({}),
      ...rest,
    },
  }
}

/** A Delivery that has been at rest for long. */
export function deliveryOf(cluster: string, digest: string | undefined): Delivery {
  return {
    apiVersion,
    kind: 'Delivery',
    metadata: { name: `shop.${cluster}`, uid: `delivery-${cluster}`, generation: 1 },
    spec: {
      application,
      project,
      target: { cluster, namespace: 'shop', environment: 'prod' },
      driftPolicy: 'Repair',
      deletionPolicy: 'Delete',
      paused: false,
      ...(digest === undefined ? {} : { desired: { revision: 1, digest, components: [...setOf(digest).components] } }),
    },
    status:
      digest === undefined
        ? { observedGeneration: 1, phase: 'Pending' }
        : {
            observedGeneration: 1,
            phase: 'Settled',
            applied: { revision: 1, digest, at: start },
            health: 'Healthy',
            healthSince: start,
          },
  }
}
