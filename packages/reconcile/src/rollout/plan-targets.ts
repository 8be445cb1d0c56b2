import {
  type Finding,
  type FrozenDocument,
  type Release,
  type Rollout,
  type RolloutDocument,
  type RolloutDocumentTarget,
  targetKey,
} from '@flotilla/model'
import { canonicalDigest } from '../canonical-digest.ts'
import { checkPlan, toFinding } from './check-plan.ts'
import type { Claim } from './others.ts'
import { bringsNothing } from './run.ts'
import { assignTargets } from './stages.ts'
import type { RolloutOpening } from './types.ts'

/** What a run would do, as far as it can be said without the Deliveries. */
export type Opening =
  /** It never can: said with the fields. */
  | { readonly state: 'refused'; readonly findings: readonly Finding[] }
  /** Not yet. */
  | { readonly state: 'waits'; readonly waitingFor: string }
  | { readonly state: 'ready'; readonly claim: Claim; readonly findings: readonly Finding[]; readonly draft: Draft }

/** A document that lacks only what the targets have now. */
export interface Draft {
  readonly document: Omit<RolloutDocument, 'targets' | 'at'>
  readonly targets: readonly DraftTarget[]
  /** Of a rollback. */
  readonly back?: {
    /** Keys of targets that had the application before the release that is taken back. */
    readonly hadIt: readonly string[]
    /** A person said that what cannot be taken back is no matter. */
    readonly forced: boolean
  }
}

export interface DraftTarget extends Omit<RolloutDocumentTarget, 'before'> {
  /** Digest that its Delivery has to have; undefined: none. */
  readonly expected: string | undefined
  /**
   * What stands for `before` of a rollback: what the run that is taken back wrote. Of a release: what it was compared with,
   * where an earlier run of it brought it already.
   */
  readonly before?: RolloutDocumentTarget['before']
}

const refuse = (code: string, message: string, field?: string): Opening => ({
  state: 'refused',
  findings: [{ severity: 'Error', code, message, ...(field === undefined ? {} : { field }) }],
})

export function planTargets(object: Rollout, opening: RolloutOpening, now: string): Opening {
  if (object.spec.rollback !== undefined) return planRollback(object, opening)
  const { release, frozen, plan } = opening
  if (release === undefined)
    return refuse('rollout.no_release', `There is no release ${object.spec.release}.`, 'spec.release')
  if (release.spec.application !== object.spec.application)
    return refuseOther(object, `The release ${object.spec.release}`, release.spec.application, 'spec.release')
  if (plan === undefined) return refuse('rollout.no_plan', `There is no plan ${object.spec.plan}.`, 'spec.plan')
  const notReady = checkRelease(release)
  if (notReady !== undefined) return notReady
  if (frozen === undefined || release.status?.frozen === undefined)
    return refuse('rollout.not_stored', 'What was frozen is no longer stored: freeze a new release.', 'spec.release')
  const authors = [...new Set(release.status.frozen.authors)]
  const targets = chosenTargets(object, frozen, opening)
  if (!Array.isArray(targets)) return targets
  const found = checkPlan({
    plan: plan.spec,
    components: frozen.spec.components.map(({ name }) => name),
    targets: selectable(frozen, opening),
    images: imagesOf(frozen),
    approvers: opening.approvers,
    authors,
    now,
  })
  const findings = found.map(toFinding)
  if (found.some(({ severity }) => severity === 'Error')) return { state: 'refused', findings }
  const assigned = assignTargets(plan.spec, targets)
  const drafts = assigned.stages.flatMap(({ stage, targets: own }) =>
    own.map(({ labels: _labels, baseline, delivery, cluster, namespace, environment, ...want }): DraftTarget => ({
      cluster,
      namespace,
      ...(environment === undefined ? {} : { environment }),
      delivery,
      stage: stage.name,
      want: { ...want, release: release.metadata.name },
      expected: baseline?.digest,
      ...(baseline === undefined ? {} : { before: baseline }),
    })),
  )
  if (drafts.length === 0) return refuse('rollout.no_targets', 'No stage of the plan has a target of this run.')
  return {
    state: 'ready',
    findings,
    claim: { whenBusy: plan.spec.whenBusy, targets: drafts.map(({ cluster, namespace }) => ({ cluster, namespace })) },
    draft: {
      targets: drafts,
      document: {
        rollout: { name: object.metadata.name, uid: object.metadata.uid ?? '' },
        release: { ...frozen.release, digest: release.status.frozen.digest },
        frozenAt: frozen.at,
        application: frozen.application,
        project: frozen.project,
        spec: frozen.spec,
        plan: plan.spec,
        action: 'Release',
        migrations: frozen.migrations,
        apart: frozen.targets.map(targetKey).filter((key) => !drafts.some((draft) => targetKey(draft) === key)),
        authors,
      },
    },
  }
}

/** Its bars, holds and Deliveries are asked for by the application that the run names. */
const refuseOther = ({ spec }: Rollout, what: string, application: string, field: string): Opening =>
  refuse(
    'rollout.other_application',
    `${what} is of the application ${application}, not of ${spec.application}.`,
    field,
  )

function checkRelease({ metadata: { name }, spec, status }: Release): Opening | undefined {
  if (spec.rejected !== undefined)
    return refuse('rollout.rejected', `The release ${name} was rejected: ${spec.rejected.reason}`, 'spec.release')
  if (status?.frozen !== undefined) return undefined
  if (spec.freeze) return { state: 'waits', waitingFor: `the release ${name} to be frozen` }
  return refuse('rollout.not_frozen', `The release ${name} is a draft: freeze it first.`, 'spec.release')
}

function imagesOf({ targets }: FrozenDocument): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const { name, images = [] } of targets.flatMap(({ components }) => components))
    found.set(name, new Set([...(found.get(name) ?? []), ...images]))
  return new Map([...found].map(([name, images]) => [name, [...images].sort()]))
}

function selectable({ targets }: FrozenDocument, { clusterLabels }: RolloutOpening) {
  return targets.map((target) => Object.assign({ labels: clusterLabels.get(target.cluster) ?? {} }, target))
}

function chosenTargets({ spec }: Rollout, frozen: FrozenDocument, opening: RolloutOpening) {
  const all = selectable(frozen, opening)
  if (spec.targets === undefined) return all
  const there = new Set(all.map(targetKey))
  const missing = spec.targets.find((target) => !there.has(targetKey(target)))
  if (missing !== undefined)
    return refuse('rollout.no_target', `The release has nothing for ${targetKey(missing)}.`, 'spec.targets')
  const wanted = new Set(spec.targets.map(targetKey))
  return all.filter((target) => wanted.has(targetKey(target)))
}

/** The same run the other way round: what it wrote is what is expected, what was there before is wanted. */
function planRollback(object: Rollout, { of, frozen, irreversible }: RolloutOpening): Opening {
  const { rollback, targets: only } = object.spec
  if (of === undefined || rollback === undefined)
    return refuse('rollout.no_run', `There is no rollout ${rollback?.of ?? ''} to take back.`, 'spec.rollback.of')
  const { spec: taken } = of.rollout
  if (taken.application !== object.spec.application)
    return refuseOther(object, `The rollout ${rollback.of}`, taken.application, 'spec.rollback.of')
  if (taken.release !== object.spec.release) {
    const message = `The rollout ${rollback.of} brought the release ${taken.release}, not ${object.spec.release}.`
    return refuse('rollout.other_release', message, 'spec.release')
  }
  // what it would bring out again was bound to a hold, windows and approvals, and a way back is to none
  if (taken.rollback !== undefined) {
    const message = `The rollout ${rollback.of} is a rollback itself. To go forward again lift the hold and start the release ${taken.release} anew.`
    return refuse('rollout.of_rollback', message, 'spec.rollback.of')
  }
  if (irreversible.length > 0 && rollback.force === undefined) {
    const names = irreversible.slice(0, 5).join(', ')
    const message = `It would go past what cannot be taken back: ${names}. Force it with a reason if you know that the old version works with the data as it is.`
    return refuse('rollout.irreversible', message, 'spec.rollback.force')
  }
  const { document } = of
  const stages = rollback.stages
  const unknownStage = stages?.find((name) => !document.plan.stages.some((stage) => stage.name === name))
  if (unknownStage !== undefined)
    return refuse(
      'rollout.no_stage',
      `The rollout ${rollback.of} has no stage ${unknownStage}.`,
      'spec.rollback.stages',
    )
  const wanted = only === undefined ? undefined : new Set(only.map(targetKey))
  const drafts = document.targets
    .filter((target) => stages?.includes(target.stage) !== false && wanted?.has(targetKey(target)) !== false)
    // what it did not change needs no way back
    .filter(({ want, before }) => want?.digest !== before?.digest)
    .map(turnRound)
  const hadIt = [
    ...document.targets.filter(({ before }) => !bringsNothing(before)),
    ...(frozen?.targets ?? []).filter(({ baseline }) => !bringsNothing(baseline)),
  ]
  const digest = canonicalDigest(drafts.map((target) => [targetKey(target), target.want?.digest ?? null]))
  return {
    state: 'ready',
    findings: [],
    // a way back waits for no queue
    claim: { whenBusy: 'Replace', targets: drafts.map(({ cluster, namespace }) => ({ cluster, namespace })) },
    draft: {
      targets: drafts,
      back: { hadIt: [...new Set(hadIt.map(targetKey))], forced: rollback.force !== undefined },
      document: {
        ...document,
        rollout: { name: object.metadata.name, uid: object.metadata.uid ?? '' },
        release: { ...document.release, digest },
        action: 'Rollback',
        authors: [object.spec.author],
      },
    },
  }
}

const turnRound = ({ want, before, ...target }: RolloutDocumentTarget): DraftTarget => ({
  ...target,
  want: before,
  before: want,
  expected: want?.digest,
})
