import type { Rollout, RolloutDocument } from '@flotilla/model'
import { findIrreversibleHooks, mayHaveChanged } from '@flotilla/reconcile'

/** Migrations of a run that cannot be taken back, by name: steps of its plan that began, and hooks of what it wrote. */
export function irreversibleOf({ status }: Rollout, document: RolloutDocument): string[] {
  const begun = new Set(
    [...(status?.stages ?? []), ...(status?.targets ?? [])].flatMap(({ steps }) =>
      (steps ?? []).filter(mayHaveChanged).map(({ name }) => name),
    ),
  )
  const steps = document.plan.stages.flatMap(({ before, after, each }) =>
    [before, after, each?.before, each?.after].flatMap((list) => list ?? []),
  )
  const jobs = steps.filter(({ name, job }) => job?.migration?.reversible === false && begun.has(name))
  const hooks = findIrreversibleHooks(document, status?.targets ?? [])
  return [...new Set([...jobs, ...hooks].map(({ name }) => name))]
}
