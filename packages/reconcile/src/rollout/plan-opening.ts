import {
  type Delivery,
  type Finding,
  type RolloutDocument,
  type RolloutDocumentTarget,
  targetKey,
} from '@flotilla/model'
import { renderedFromAnnotation } from '../application/desired-delivery.ts'
import { nameSome } from '../name-some.ts'
import { findRemoval } from './find-removal.ts'
import { isForeign } from './placed.ts'
import type { Draft, DraftTarget } from './plan-targets.ts'
import type { RolloutObserved } from './types.ts'

/** What is so now, beside what was frozen or written then. */
export interface OpeningSight {
  /** By target key. */
  readonly deliveries: ReadonlyMap<string, Delivery>
  readonly placed: RolloutObserved['placed']
  /** Names of runs that this one replaces. */
  readonly replaced: readonly string[]
}

/** What came of a draft, with what the targets have now. */
export type Opened =
  | { readonly state: 'refused'; readonly findings: readonly Finding[] }
  | { readonly state: 'ready'; readonly document: RolloutDocument; readonly findings: readonly Finding[] }

/** From the opening of a run to all that it goes by. A target that has other than what was compared is refused, and left out of a rollback. */
export function planOpening(draft: Draft, seen: OpeningSight, now: string): Opened {
  const { document, targets } = draft
  const { deliveries, placed, replaced } = seen
  const back = document.action === 'Rollback'
  const digestOf = (target: DraftTarget): string | undefined => deliveries.get(targetKey(target))?.spec.desired?.digest
  const foreign = targets.filter((target) => !back && isForeign(target, deliveries.get(targetKey(target)), placed))
  if (foreign.length > 0) {
    const message = `${nameSome(foreign.map(targetKey))} is no target of the application any more, and has nothing of it: freeze a new release for where it is to be now.`
    return { state: 'refused', findings: [{ severity: 'Error', code: 'rollout.not_placed', message }] }
  }
  // what is back already needs nothing, and nothing is said of it
  const open = targets.filter((target) => !back || digestOf(target) !== target.want?.digest)
  const moved = open.filter((target) =>
    back ? digestOf(target) !== target.expected : hasMoved(target, deliveries.get(targetKey(target)), replaced),
  )
  const shown = nameSome(moved.map(targetKey))
  if (moved.length > 0 && !back) {
    const message = `What runs in ${shown} is no longer what the release was compared with: freeze it anew.`
    return { state: 'refused', findings: [{ severity: 'Error', code: 'rollout.baseline_moved', message }] }
  }
  const left = `${shown} no longer have what that rollout wrote, and are left as they are.`
  const findings: Finding[] =
    moved.length === 0 ? [] : [{ severity: 'Warning', code: 'rollout.targets_left', message: left }]
  const staying = open.filter((target) => !moved.includes(target))
  const removal = findRemoval(draft, seen)
  if (removal.some(({ severity }) => severity === 'Error')) return { state: 'refused', findings: removal }
  if (staying.length === 0) {
    const message = back ? `There is nothing to take back. ${moved.length === 0 ? '' : left}` : 'It has no target.'
    return { state: 'refused', findings: [{ severity: 'Error', code: 'rollout.nothing', message: message.trim() }] }
  }
  return {
    state: 'ready',
    findings: [...findings, ...removal],
    document: { ...document, at: now, targets: staying.map((target) => fix(target, deliveries, back)) },
  }
}

/** Also what a run that this one replaces has written is taken over. */
function hasMoved(target: DraftTarget, delivery: Delivery | undefined, replaced: readonly string[]): boolean {
  const desired = delivery?.spec.desired
  if (desired?.digest === target.expected || desired?.digest === target.want?.digest) return false
  return desired?.rollout === undefined || !replaced.includes(desired.rollout)
}

function fix(
  { expected: _expected, before: earlier, ...target }: DraftTarget,
  deliveries: ReadonlyMap<string, Delivery>,
  back: boolean,
): RolloutDocumentTarget {
  const delivery = deliveries.get(targetKey(target))
  const desired = delivery?.spec.desired
  // what an earlier run of the release brought has its way back in this run too
  const brought = desired?.digest === target.want?.digest && desired?.release === target.want?.release
  if (back || brought) return { ...target, ...(earlier === undefined ? {} : { before: earlier }) }
  if (desired === undefined) return target
  const renderedFrom = delivery?.metadata.annotations?.[renderedFromAnnotation]
  const { digest, components, release } = desired
  return {
    ...target,
    before: {
      digest,
      components,
      ...(renderedFrom === undefined ? {} : { renderedFrom }),
      ...(release === undefined ? {} : { release }),
    },
  }
}
