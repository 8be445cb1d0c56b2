import {
  annotations,
  type Application,
  computePlacement,
  computeTargets,
  type Delivery,
  finalizer,
  type Finding,
  known,
  type Project,
  retry,
  settled,
  stalled,
  type Target,
  targetKey,
  unknown,
  waiting,
} from '@flotilla/model'
import { computeDependencyWait, findCycle, findMissingDependencies } from './application/depends-on.ts'
import { planRemoval, withPolicyFirst } from './application/removal.ts'
import { planGoverned } from './application/governed.ts'
import { computeDesiredDelivery, keepDelivery } from './application/desired-delivery.ts'
import { planMoves } from './application/moves.ts'
import type { ApplicationDecision, ApplicationEffect, ApplicationObserved } from './application/observed.ts'
import { areSourcesRead, planPolls, planRenders } from './application/polls.ts'
import { chooseRevision } from './application/revision.ts'
import { computeSettled } from './application/settled.ts'
import { computeApplicationStatus, type StatusQuestion } from './application/status.ts'
import { computeWanted, type Wanted } from './application/wanted.ts'
import { findUnmatchedOverrides } from './layers.ts'

export interface ApplicationQuestion {
  readonly object: Application
  readonly observed: ApplicationObserved
  /** RFC 3339, UTC. */
  readonly now: string
}

/** From an Application to one Delivery per target (ARCHITECTURE.md, "From an application to running pods", 1). */
export function reconcileApplication({ object, observed, now }: ApplicationQuestion): ApplicationDecision {
  const { spec } = object
  const status = (said: Partial<StatusQuestion>) => computeApplicationStatus({ object, observed, now, ...said })
  if (object.metadata.deletionTimestamp !== undefined) return planRemoval(object, observed, status)

  const { project, clusters, deliveries, siblings } = observed
  const notKnown = [project, clusters, deliveries, siblings].find((part) => !part.known)
  if (!project.known || !clusters.known || !deliveries.known || !siblings.known) {
    const reason = notKnown?.known === false ? notKnown.reason : 'not everything is known'
    return { objects: unknown(reason), effects: [], status: status({ blocked: reason }), next: retry(reason) }
  }
  const own = new Map(deliveries.value.map((delivery) => [targetKey(delivery.spec.target), delivery]))
  const byName = new Map(clusters.value.map((cluster) => [cluster.name, cluster]))
  const staying = clusters.value.filter(({ removal }) => removal === undefined)
  /** Nothing moves and nothing is pruned but in clusters that are being removed; policies still reach every Delivery. */
  const keep = (said: Partial<StatusQuestion>, next: ApplicationDecision['next']): ApplicationDecision => {
    const inRemoved = ({ spec: { target } }: Delivery): boolean => byName.get(target.cluster)?.removal !== undefined
    const kept = deliveries.value.filter((delivery) => isLive(delivery) && !inRemoved(delivery))
    const leaving = withPolicyFirst(object, deliveries.value.filter(inRemoved), byName)
    return {
      objects: known([
        ...kept.map((delivery) => keepDelivery(object, delivery, byName.get(delivery.spec.target.cluster))),
        ...leaving,
      ]),
      effects: [],
      status: status(said),
      next,
    }
  }
  if (project.value === undefined) {
    const blocked = `no project has the namespace ${object.metadata.namespace ?? ''}`
    return { objects: unknown(blocked), effects: [], status: status({ blocked }), next: stalled(blocked) }
  }
  const everywhere = computeTargets(project.value, staying)
  const targets = computePlacement(spec, everywhere)
  const findings: Finding[] = []
  if (targets.length === 0)
    findings.push({ severity: 'Warning', code: 'application.no_targets', message: 'Its placement matches no target' })
  if (spec.paused) return keep({ targets, findings }, settled)
  const { value: owner } = project
  if (spec.mode === 'governed') {
    const refusalOf = (target: Target): string | undefined => findRefusal(owner, target)
    const parts = { deliveries: deliveries.value, clusters: byName, targets, findings, refusalOf, status }
    return planGoverned({ object, observed, now, ...parts })
  }
  if (spec.hold !== undefined) {
    const blocked = `it is held since ${spec.hold.since} (${spec.hold.reason}); lift the hold to go on`
    return keep({ targets, findings, blocked }, settled)
  }

  const cycle = findCycle(object.metadata.name, siblings.value.applications)
  if (cycle !== undefined) {
    const message = `It depends on itself: ${cycle.join(' -> ')}`
    findings.push({ severity: 'Error', code: 'application.dependency_cycle', message, field: 'spec.dependsOn' })
    return keep({ targets, findings, blocked: message }, stalled(message))
  }
  findings.push(...findMissingDependencies(spec.dependsOn ?? [], siblings.value))
  const unmatched = findUnmatchedOverrides(spec, targets)
  findings.push(...unmatched.map(({ finding }) => finding))
  const stop = unmatched.find(({ required }) => required)
  if (stop !== undefined)
    return keep(
      { targets, findings, blocked: `${stop.finding.message} and is required` },
      stalled(stop.finding.message),
    )

  const syncRequest = object.metadata.annotations?.[annotations.syncRequest]
  const polls = planPolls(spec.components, observed.sources, { pollSeconds: spec.pollSeconds, syncRequest, now })
  const renders = planRenders(spec, targets, observed.rendered, now)
  const wanted = new Map(
    targets.map((target) => [targetKey(target), computeWanted(spec, target, targets, observed.rendered)]),
  )
  const effects: ApplicationEffect[] = [...polls.effects, ...renders.effects]
  if (object.metadata.finalizers?.includes(finalizer) !== true)
    effects.unshift({ kind: 'AddFinalizer', key: `finalizer/${object.metadata.uid ?? ''}` })
  /** Something is still to be read or rendered for the first time: what is wanted is not whole yet. */
  const open =
    spec.components.some(({ name }) => (observed.sources[name]?.state ?? 'unseen') === 'unseen') ||
    [...wanted.values()].some(({ state }) => state === 'pending')

  const revision = open ? known(undefined) : chooseRevision(object, observed, wanted, own)
  if (!revision.known)
    return { ...keep({ targets, findings, wanted, blocked: revision.reason }, retry(revision.reason)), effects }
  if (revision.value?.append !== undefined) {
    const { append } = revision.value
    const key = `revision/${object.metadata.uid ?? ''}/${append.revision}`
    effects.push({ kind: 'AppendRevision', key, revision: append })
  }
  const moves = planMoves({
    targets,
    // what is not in the history is not delivered
    wanted: revision.value === undefined ? withoutWanted(wanted) : wanted,
    deliveries: own,
    clusters: byName,
    maxConcurrency: spec.maxConcurrency,
    syncRequest,
    mustWait: (target) =>
      findRefusal(owner, target) ??
      // a sync that brings something new is one delivery, not one of the old and then one of the new
      (areSourcesRead(spec.components, observed.sources, syncRequest) ? undefined : 'its sources are being read') ??
      computeDependencyWait(spec.dependsOn ?? [], target, siblings.value),
    now,
  })
  const objects = targets.flatMap((target) => {
    const key = targetKey(target)
    const existing = own.get(key)
    const move = moves.get(key)
    // a new target is shown at once, but while renders are on their way one write will do for both
    if (move === undefined || existing?.metadata.deletionTimestamp !== undefined || (existing === undefined && open))
      return []
    return [
      computeDesiredDelivery({
        application: object,
        project: owner,
        target,
        existing,
        wanted: wanted.get(key),
        move,
        revision: revision.value?.revision ?? 0,
        syncRequest,
      }),
    ]
  })
  const placed = new Set(targets.map(targetKey))
  const leaving = deliveries.value.filter((delivery) => !placed.has(targetKey(delivery.spec.target)))
  const bounds = deliveries.value.flatMap((delivery) => computeSettled(delivery, now).untilSeconds ?? [])
  // nobody tells of a Secret that changed
  const secrets = spec.components.some(({ valuesFrom }) => valuesFrom !== undefined) ? [spec.pollSeconds] : []
  const due = [polls.nextSeconds, renders.nextSeconds, ...bounds, ...secrets].filter((seconds) => seconds !== undefined)
  const more = polls.effects.length + renders.effects.length > 0
  return {
    objects: known([...objects, ...withPolicyFirst(object, leaving, byName)]),
    effects,
    status: status({ targets, findings, wanted, moves, revision: revision.value?.revision, open }),
    next: more
      ? waiting(0, 'its sources are being read and rendered')
      : due.length > 0
        ? waiting(Math.max(1, Math.min(...due)), 'it looks again then')
        : settled,
  }
}

const withoutWanted = (wanted: ReadonlyMap<string, Wanted>): Map<string, Wanted> =>
  new Map([...wanted].map(([key, want]) => [key, want.state === 'wanted' ? { state: 'pending' } : want]))

const isLive = ({ metadata }: Delivery): boolean => metadata.deletionTimestamp === undefined

/** Why the project may not use a target, as far as its own controller says. */
function findRefusal(project: Project, target: Target): string | undefined {
  const said = project.status?.targets?.find((entry) => targetKey(entry) === targetKey(target))
  return said?.state === 'Refused' ? (said.message ?? 'the project may not use it') : undefined
}
