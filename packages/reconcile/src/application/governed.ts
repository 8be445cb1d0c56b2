import {
  annotations,
  type Application,
  type Delivery,
  finalizer,
  type Finding,
  known,
  type Release,
  settled,
  type Target,
  targetKey,
  waiting,
} from '@flotilla/model'
import type { DesiredObject } from '../decision.ts'
import { lostSet } from '../delivery/lost-set.ts'
import { keepDelivery } from './desired-delivery.ts'
import { describeReleases } from './describe-releases.ts'
import { type Move, planMoves } from './moves.ts'
import type { ApplicationDecision, ApplicationObserved, ApplicationStatus, ObservedCluster } from './observed.ts'
import { withPolicyFirst } from './removal.ts'
import { computeSettled } from './settled.ts'
import type { StatusQuestion } from './status.ts'
import type { Wanted } from './wanted.ts'

export interface GovernedQuestion {
  readonly object: Application
  readonly observed: ApplicationObserved
  readonly deliveries: readonly Delivery[]
  readonly clusters: ReadonlyMap<string, ObservedCluster>
  /** Where it is declared to be. */
  readonly targets: readonly Target[]
  readonly findings: readonly Finding[]
  /** Why the project may not use a target. */
  readonly refusalOf: (target: Target) => string | undefined
  readonly status: (said: Partial<StatusQuestion>) => ApplicationStatus
  readonly now: string
}

/**
 * An application in governed mode: only a Rollout says what its targets are to have. Here they keep it, hear of the
 * application's policies, and are given it once more when somebody asks for a sync.
 */
export function planGoverned(question: GovernedQuestion): ApplicationDecision {
  const { object, observed, deliveries, clusters, targets, now } = question
  const { releases: seen } = observed
  const releases = seen.known ? seen.value : []
  const removed = ({ spec }: Delivery): boolean => clusters.get(spec.target.cluster)?.removal !== undefined
  const placed = new Set(targets.map(targetKey))
  const left = (delivery: Delivery): boolean => !placed.has(targetKey(delivery.spec.target))
  const staying = deliveries.filter(
    (delivery) =>
      delivery.metadata.deletionTimestamp === undefined &&
      !removed(delivery) &&
      !(left(delivery) && isOver(delivery, object, releases)),
  )
  const given = new Map(staying.flatMap((one) => (one.spec.desired === undefined ? [] : [[keyOf(one), one]])))
  const waits = targets.filter((target) => !given.has(targetKey(target)))
  const wanted = new Map([...given].flatMap(([key, one]): [string, Wanted][] => asWanted(key, one)))
  const syncRequest = object.metadata.annotations?.[annotations.syncRequest]
  const moves = planMoves({
    targets: [...given.values()].map(targetOf),
    wanted,
    deliveries: new Map(deliveries.map((delivery) => [keyOf(delivery), delivery])),
    clusters,
    maxConcurrency: object.spec.maxConcurrency,
    syncRequest,
    mustWait: question.refusalOf,
    now,
  })
  const kept = staying.map((delivery) =>
    keepWithSync(object, delivery, clusters, moves.get(keyOf(delivery)), syncRequest),
  )
  const findings = [
    ...question.findings,
    ...waits.map((target) =>
      say('application.target_waits', target, 'A new target gets nothing before the next release goes out'),
    ),
    ...staying
      .filter(left)
      .map((delivery) =>
        say('application.target_leaves', delivery.spec.target, 'A target that left goes with the next release'),
      ),
    ...staying.flatMap(({ spec: { target }, status }) =>
      (status?.findings ?? [])
        .filter(({ code }) => code === lostSet)
        .map((finding) => Object.assign({}, finding, { clusters: [target.cluster] })),
    ),
  ]
  const held = object.metadata.finalizers?.includes(finalizer) === true
  const bounds = staying.flatMap((delivery) => computeSettled(delivery, now).untilSeconds ?? [])
  return {
    objects: known([...kept, ...withPolicyFirst(object, deliveries.filter(removed), clusters)]),
    effects: held ? [] : [{ kind: 'AddFinalizer', key: `finalizer/${object.metadata.uid ?? ''}` }],
    status: question.status({
      targets: [...given.values()].map(targetOf),
      findings,
      wanted,
      moves,
      released: seen.known ? describeReleases(object, releases, [...given.values()]) : `its releases: ${seen.reason}`,
    }),
    next: bounds.length === 0 ? settled : waiting(Math.max(1, Math.min(...bounds)), 'it looks again then'),
  }
}

const keyOf = ({ spec }: Delivery): string => targetKey(spec.target)
const targetOf = ({ spec: { target } }: Delivery): Target => ({
  cluster: target.cluster,
  namespace: target.namespace,
  ...(target.environment === undefined ? {} : { environment: target.environment }),
  labels: {},
})

/** What a target has is what is wanted there: nothing of an edit. */
const asWanted = (key: string, { spec: { desired } }: Delivery): [string, Wanted][] =>
  desired === undefined
    ? []
    : [[key, { state: 'wanted', digest: desired.digest, components: desired.components, inputs: {}, findings: [] }]]

/** A rollout asks a Delivery to try again by a token of its own: uid and attempt. */
const ofRollout = /^[0-9a-f]{8}-[0-9a-f-]{27}\//

/** Whether a person asks for what was not done yet. What a rollout asks for in the meantime is not taken back by it. */
function isNewer(syncRequest: string | undefined, { spec, status }: Delivery): boolean {
  if (syncRequest === undefined) return false
  if (spec.syncRequest === undefined || !ofRollout.test(spec.syncRequest)) return true
  const applied = status?.attempt === undefined ? status?.applied?.at : undefined
  // a request begins with its time
  return applied !== undefined && Date.parse(syncRequest.split(' ')[0] ?? '') > Date.parse(applied)
}

function keepWithSync(
  application: Application,
  delivery: Delivery,
  clusters: ReadonlyMap<string, ObservedCluster>,
  move: Move | undefined,
  syncRequest: string | undefined,
): DesiredObject {
  const cluster = clusters.get(delivery.spec.target.cluster)
  if (move?.move !== 'go' || !isNewer(syncRequest, delivery)) return keepDelivery(application, delivery, cluster)
  const { syncRequest: _before, ...spec } = delivery.spec
  const asked = { ...delivery, spec: { ...spec, ...(syncRequest === undefined ? {} : { syncRequest }) } }
  return keepDelivery(application, asked, cluster)
}

/**
 * Whether a target that left is done with: a release emptied it, or, where its objects are to stay, the release that is
 * active now has no part for it.
 */
function isOver(delivery: Delivery, { spec }: Application, releases: readonly Release[]): boolean {
  const { desired } = delivery.spec
  if (desired === undefined) return true
  if (spec.deletionPolicy === 'Delete')
    return desired.components.length === 0 && delivery.status?.applied?.digest === desired.digest
  if (releases.some(({ status }) => status?.phase === 'Rolling')) return false
  const active = releases.find(({ status }) => status?.phase === 'Active')?.status?.frozen
  return active !== undefined && !active.targets.some((target) => targetKey(target) === keyOf(delivery))
}

const say = (code: string, { cluster }: { readonly cluster: string }, message: string): Finding => ({
  severity: 'Info',
  code,
  message,
  cluster,
  field: 'spec.placement',
})
