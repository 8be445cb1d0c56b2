import { Application, apiVersion, Delivery, known, Release, Rollout, type RolloutPhase } from '@flotilla/model'
import type { FrozenStatus, ReleaseObserved } from './observed.ts'

/** What the tests of releases are made of. */
const at = (minute: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000).toISOString()

export const frozenStatus = (digest = 'd1'): FrozenStatus => ({
  digest,
  document: `document-${digest}`,
  at: at(1),
  authors: ['flotilla:user:ann'],
  componentVersions: ['web-web-1'],
  targets: ['east', 'west'].map((cluster, added) => ({
    cluster,
    namespace: 'shop',
    digest,
    added,
    changed: 0,
    removed: 0,
  })),
})

export const release = (name = 'r1', spec: Record<string, unknown> = {}, status?: Record<string, unknown>): Release =>
  Release.parse({
    apiVersion,
    kind: 'Release',
    metadata: { name, namespace: 'pj-shop', uid: `uid-${name}`, generation: 1, creationTimestamp: at(0) },
    spec: { application: 'web', authors: ['flotilla:user:ann'], ...spec },
    ...(status === undefined ? {} : { status }),
  })

export interface RunScene {
  readonly release?: string
  readonly phase?: RolloutPhase
  readonly minute: number
  readonly rollback?: { readonly of: string; readonly stages?: readonly string[] }
  /** Clusters, where it is of some targets only. */
  readonly only?: readonly string[]
  /** It ended before it began. */
  readonly refused?: boolean
  readonly waitingFor?: string
}

const target = (cluster: string) => ({ cluster, namespace: 'shop' })

export const run = (
  name: string,
  { release: of = 'r1', phase, minute, rollback, only, refused = phase === 'Pending', waitingFor }: RunScene,
): Rollout =>
  Rollout.parse({
    apiVersion,
    kind: 'Rollout',
    metadata: { name, namespace: 'pj-shop', uid: `uid-${name}`, creationTimestamp: at(minute) },
    spec: {
      application: 'web',
      release: of,
      plan: 'all',
      author: 'flotilla:user:ann',
      ...(rollback === undefined ? {} : { rollback }),
      ...(only === undefined ? {} : { targets: only.map(target) }),
    },
    status: {
      phase,
      endedAt: at(minute + 5),
      waitingFor,
      ...(refused ? {} : { snapshot: { at: at(minute), document: `document-${name}`, release: 'd1' } }),
      ...(only === undefined
        ? {}
        : {
            targets: only.map((cluster) => ({
              ...target(cluster),
              delivery: `web.${cluster}`,
              stage: 'all',
              digest: 'd',
              phase: phase === 'RolledBack' ? 'Succeeded' : 'Pending',
              since: at(minute),
            })),
          }),
    },
  })

export const carrying = (cluster: string, of: string | undefined): Delivery =>
  Delivery.parse({
    apiVersion,
    kind: 'Delivery',
    metadata: { name: `web.${cluster}` },
    spec: {
      application: { name: 'web', uid: 'u' },
      project: { name: 'shop', uid: 'p' },
      target: { cluster, namespace: 'shop' },
      desired: { revision: 1, digest: 'd', components: [], release: of },
    },
  })

const application = Application.parse({
  apiVersion,
  kind: 'Application',
  metadata: { name: 'web', namespace: 'pj-shop', uid: 'application-uid', generation: 1 },
  spec: { components: [{ name: 'web', manifests: { inline: 'kind: ConfigMap' } }], mode: 'governed' },
})

export const observe = (more: Partial<ReleaseObserved> = {}): ReleaseObserved => ({
  application: known(application),
  rollouts: known([]),
  deliveries: known([]),
  freeze: { state: 'absent' },
  ...more,
})
