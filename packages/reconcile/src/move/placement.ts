import {
  choosesTarget,
  computePlacement,
  type Placement,
  sameJson,
  type Target,
  type TargetChoice,
  targetKey,
  type TargetRef,
} from '@flotilla/model'

/** Exactly one target. */
export const exactly = ({ cluster, namespace }: TargetRef): TargetChoice => ({
  clusters: { names: [cluster] },
  namespaces: [namespace],
})

/** The placement with these targets as well. Undefined: what the placement leaves out stands in the way. */
export function withTargets(
  placement: Placement,
  added: readonly TargetRef[],
  targets: readonly Target[],
): Placement | undefined {
  return changed(placement, { added, removed: [] }, targets)
}

/**
 * The placement with some targets in the place of others: by the names of its clusters where it is made of these alone, so
 * that it reads as a person would write it.
 */
export function replaceTargets(
  placement: Placement,
  change: { readonly added: readonly TargetRef[]; readonly removed: readonly TargetRef[] },
  targets: readonly Target[],
): Placement | undefined {
  const general = changed(placement, change, targets)
  const { names, selector } = placement.clusters ?? {}
  if (general === undefined || names === undefined || selector !== undefined) return general
  const gone = new Set(change.removed.map(({ cluster }) => cluster))
  const come = change.added.map(({ cluster }) => cluster)
  const { also, except, ...rest } = placement
  const named: Placement = {
    ...rest,
    clusters: { names: [...new Set([...names.filter((name) => !gone.has(name)), ...come])] },
    ...optional(
      'also',
      (also ?? []).filter((choice) => !onlyChooses(choice, change.removed, targets)),
    ),
    ...optional(
      'except',
      (except ?? []).filter((choice) => !onlyChooses(choice, change.added, targets)),
    ),
  }
  return sameJson(keysOf(named, targets), keysOf(general, targets)) ? named : general
}

function changed(
  placement: Placement,
  { added, removed }: { readonly added: readonly TargetRef[]; readonly removed: readonly TargetRef[] },
  targets: readonly Target[],
): Placement | undefined {
  const { also = [], except = [], ...rest } = placement
  const wanted = new Set([...keysOf(placement, targets), ...added.map(targetKey)])
  for (const target of removed) wanted.delete(targetKey(target))
  const kept = {
    also: also.filter((choice) => removed.length === 0 || !onlyChooses(choice, removed, targets)),
    except: except.filter((choice) => !onlyChooses(choice, added, targets)),
  }
  const bare = new Set(keysOf({ ...rest, ...kept }, targets))
  const result: Placement = {
    ...rest,
    ...optional('also', [...kept.also, ...added.filter((target) => !bare.has(targetKey(target))).map(exactly)]),
    ...optional('except', [...kept.except, ...removed.filter((target) => bare.has(targetKey(target))).map(exactly)]),
  }
  return sameJson(keysOf(result, targets), [...wanted].toSorted()) ? result : undefined
}

/** Whether a choice is about these targets and no others of the project, so that it has nothing to say without them. */
function onlyChooses(choice: TargetChoice, some: readonly TargetRef[], targets: readonly Target[]): boolean {
  const keys = new Set(some.map(targetKey))
  const chosen = targets.filter((target) => choosesTarget(choice, target))
  return chosen.length > 0 && chosen.every((target) => keys.has(targetKey(target)))
}

const keysOf = (placement: Placement, targets: readonly Target[]): string[] =>
  computePlacement({ placement }, targets).map(targetKey).toSorted()

const optional = (name: 'also' | 'except', choices: readonly TargetChoice[]): Partial<Placement> =>
  choices.length === 0 ? {} : { [name]: [...choices] }
