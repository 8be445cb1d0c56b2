import {
  annotations,
  type Application,
  computeConditions,
  type Delivery,
  type Finding,
  type HealthState,
  type ResolvedSource,
  summariseHealth,
  type Target,
  targetKey,
} from '@flotilla/model'
import { isSameWish } from '../delivery/attempt.ts'
import type { Move } from './moves.ts'
import type { ApplicationObserved, ApplicationStatus } from './observed.ts'
import { areSourcesRead } from './polls.ts'
import { computeVerdict } from './verdict.ts'
import type { Wanted } from './wanted.ts'

export interface StatusQuestion {
  readonly object: Application
  readonly observed: ApplicationObserved
  readonly now: string
  /** The targets it is wanted in, where they are known. */
  readonly targets?: readonly Target[] | undefined
  readonly wanted?: ReadonlyMap<string, Wanted> | undefined
  readonly moves?: ReadonlyMap<string, Move> | undefined
  readonly revision?: number | undefined
  readonly findings?: readonly Finding[] | undefined
  /** Why nothing can be done. */
  readonly blocked?: string | undefined
  /** What this generation wants is still being read or rendered, so the status does not speak of it yet. */
  readonly open?: boolean | undefined
  /** What the removal waits for. */
  readonly removing?: string | undefined
  /** In governed mode: which release it has. */
  readonly released?: string | undefined
}

export interface TargetView {
  readonly target: Target
  readonly delivery: Delivery | undefined
  readonly move: Move | undefined
  readonly current: boolean
  readonly health: HealthState
}

/** What is said of an application. What is not known keeps what was said before. */
export function computeApplicationStatus(question: StatusQuestion): ApplicationStatus {
  const { object, observed, now, targets, revision } = question
  const before = object.status
  const views = targets === undefined || !observed.deliveries.known ? undefined : viewTargets(question, targets)
  const health = views === undefined ? undefined : summariseHealth(views.map((view) => view.health))
  const findings = computeFindings(question)
  const verdict = computeVerdict(question, views, findings)
  const sources = computeSources(question)
  const number = revision ?? before?.revision
  const counts =
    views === undefined
      ? before?.targets
      : {
          total: views.length,
          current: views.filter(({ current }) => current).length,
          healthy: views.filter((view) => view.health === 'Healthy').length,
          unknown: views.filter((view) => view.health === 'Unknown').length,
        }
  const state = health?.state ?? before?.health
  const generation = question.open === true ? before?.observedGeneration : object.metadata.generation
  const observedGeneration = generation === undefined ? {} : { observedGeneration: generation }
  const syncRequest = answersSync(question) ? askedOf(object) : before?.syncRequest
  return {
    ...observedGeneration,
    ...(syncRequest === undefined ? {} : { syncRequest }),
    conditions: computeConditions(before?.conditions, [{ type: 'Ready', ...verdict, ...observedGeneration }], now),
    ...(number === undefined ? {} : { revision: number }),
    ...(sources.length === 0 ? {} : { sources }),
    ...(counts === undefined ? {} : { targets: counts }),
    ...(state === undefined ? {} : { health: state }),
    message: verdict.message,
    findings,
    // the server's, not ours
    ...(before?.editors === undefined ? {} : { editors: before.editors }),
  }
}

const askedOf = ({ metadata }: Application): string | undefined => metadata.annotations?.[annotations.syncRequest]

/** Whether what is said is about the time after the sync request: it bumps no generation, so it is answered by name. */
function answersSync({ object, observed, moves, open }: StatusQuestion): boolean {
  if (moves === undefined || open === true) return false
  // a sync brings nothing new there, so no source is looked at
  if (object.spec.mode === 'governed') return true
  return areSourcesRead(object.spec.components, observed.sources, askedOf(object))
}

function viewTargets({ object, observed, wanted, moves }: StatusQuestion, targets: readonly Target[]): TargetView[] {
  const deliveries = new Map(
    (observed.deliveries.known ? observed.deliveries.value : []).map((delivery) => [
      targetKey(delivery.spec.target),
      delivery,
    ]),
  )
  const lost = new Set(
    (observed.clusters.known ? observed.clusters.value : []).flatMap(({ name, connection }) =>
      connection === 'lost' ? [name] : [],
    ),
  )
  return targets.map((target) => {
    const key = targetKey(target)
    const delivery = deliveries.get(key)
    const want = wanted?.get(key)
    const desired = delivery?.spec.desired?.digest
    // a sync applies once more what is there already
    const synced =
      delivery?.status?.applied?.syncRequest === delivery?.spec.syncRequest &&
      (moves === undefined || delivery?.spec.syncRequest === askedOf(object))
    const applied = synced && delivery !== undefined && isSameWish(delivery, delivery.status?.applied)
    return {
      target,
      delivery,
      move: moves?.get(key),
      current: applied && (want?.state !== 'wanted' || want.digest === desired),
      health: lost.has(target.cluster) ? 'Unknown' : healthOf(delivery),
    }
  })
}

function healthOf(delivery: Delivery | undefined): HealthState {
  if (delivery?.status?.unknownSince !== undefined) return 'Unknown'
  // never claims what was not seen: something wanted and not reported yet is on its way, nothing wanted is not there
  return delivery?.status?.health ?? (delivery?.spec.desired === undefined ? 'Missing' : 'Progressing')
}

function computeSources({ object, observed }: StatusQuestion): ResolvedSource[] {
  return object.spec.components.flatMap(({ name }) => {
    const observation = observed.sources[name]
    if (observation?.state === 'resolved') return [observation.source]
    return object.status?.sources?.filter(({ component }) => component === name) ?? []
  })
}

const structural = (code: string): boolean => code === 'delivery.override_unmatched' || code.startsWith('application.')

function computeFindings({ object, observed, wanted, findings = [] }: StatusQuestion): Finding[] {
  const complete = wanted !== undefined && [...wanted.values()].every(({ state }) => state !== 'pending')
  const rendered = complete
    ? [...wanted.values()].flatMap((want) => (want.state === 'wanted' || want.state === 'failed' ? want.findings : []))
    : (object.status?.findings ?? []).filter(({ code }) => !structural(code) && !code.startsWith('source.'))
  const sources = object.spec.components.flatMap(({ name }): Finding[] => {
    const observation = observed.sources[name]
    if (observation?.state === 'failed')
      return [
        { severity: 'Error', code: observation.failure.code, message: observation.failure.message, component: name },
      ]
    if (observation?.state !== 'resolved' || observation.failure === undefined) return []
    const stays = `it stays at ${observation.source.version ?? observation.source.digest}`
    const message = `${observation.failure.message}; ${stays}`
    return [{ severity: 'Warning', code: observation.failure.code, message, component: name }]
  })
  const order = { Error: 0, Warning: 1, Info: 2 }
  return mergeClusters([...findings, ...sources, ...rendered])
    .sort((a, b) => order[a.severity] - order[b.severity])
    .slice(0, 100)
}

/** One finding for what is the same in many clusters. */
function mergeClusters(findings: readonly Finding[]): Finding[] {
  const groups = new Map<string, { finding: Omit<Finding, 'cluster'>; clusters: string[] }>()
  for (const finding of findings) {
    const { cluster, ...rest } = finding
    const key = JSON.stringify([rest.severity, rest.code, rest.component, rest.field, rest.message])
    const group = groups.get(key) ?? { finding: rest, clusters: new Array<string>() }
    if (cluster !== undefined && !group.clusters.includes(cluster)) group.clusters.push(cluster)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ finding, clusters }) => sayOnce(finding, clusters))
}

function sayOnce(finding: Omit<Finding, 'cluster'>, clusters: readonly string[]): Finding {
  const [first, ...others] = clusters
  const message = finding.message.slice(0, 1900)
  if (first === undefined) return { ...finding, message }
  if (others.length === 0) return { ...finding, message, cluster: first }
  const shown =
    others.length <= 2 ? clusters.join(', ') : `${clusters.slice(0, 2).join(', ')} and ${others.length - 1} more`
  return { ...finding, message: `${message} (in ${shown})` }
}
