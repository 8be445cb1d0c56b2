import type { PlanCheck } from '@flotilla/api'
import { apiVersion, type Finding, type Rollout, type RolloutSpec, targetKey } from '@flotilla/model'
import { findWillMove, planOpening, planTargets } from '@flotilla/reconcile'
import { observeDeliveries } from '../application/observe-host.ts'
import type { RolloutDeps } from './deps.ts'
import { observeOpening, type OpeningMemory } from './observe-opening.ts'
import { observePlaced } from './observe-placed.ts'
import { isUnderWay } from './subscribe-rollouts.ts'

/** What starting it would say now, by the very rules that the engine goes by; nothing is written. */
export async function checkStart(
  deps: Pick<RolloutDeps, 'state' | 'fleet' | 'people' | 'clock'>,
  memory: OpeningMemory,
  { namespace, spec }: { readonly namespace: string; readonly spec: RolloutSpec },
): Promise<PlanCheck> {
  const rollout: Rollout = { apiVersion, kind: 'Rollout', metadata: { name: 'not-started', namespace }, spec }
  const opening = await observeOpening(deps, memory, rollout)
  if (!opening.known) return nothing([error('rollout.unknown', opening.reason)])
  const { barred, hold } = opening.value
  if (barred !== undefined) return nothing([error('rollout.barred', barred, 'spec.application')])
  const now = new Date(deps.clock.now()).toISOString()
  const planned = planTargets(rollout, opening.value, now)
  if (planned.state === 'refused') return nothing(planned.findings)
  if (planned.state === 'waits') return nothing([error('rollout.waits', `It waits for ${planned.waitingFor}`)])
  const { draft } = planned
  const back = draft.document.action === 'Rollback'
  const held: Finding[] =
    hold === undefined || back
      ? []
      : [
          error(
            'rollout.held',
            `${spec.application} is on hold, as ${hold.reason}. To go on: flotilla hold lift ${draft.document.project.name}/${spec.application}`,
          ),
        ]
  const deliveries = observeDeliveries(deps.state, namespace, spec.application)
  if (!deliveries.known) return nothing([error('rollout.unknown', deliveries.reason)])
  const byTarget = new Map(deliveries.value.map((delivery) => [targetKey(delivery.spec.target), delivery]))
  // a run that is under way may be what it replaces: that is its turn's matter, not the start's
  const runs = deps.state.rollouts.list(namespace).filter((other) => other.spec.application === spec.application)
  const busy = runs.map(({ metadata }) => metadata.name)
  const replaced = planned.claim.whenBusy === 'Replace' ? busy : []
  const placed = observePlaced(deps, namespace, spec.application, deliveries)
  const opened = planOpening(draft, { deliveries: byTarget, placed, replaced }, now)
  const moving = opened.state === 'ready' ? findWillMove(draft, planned.claim, runs.filter(isUnderWay)) : []
  const stages = draft.document.plan.stages.map(({ name }) => ({
    name,
    targets: draft.targets
      .filter(({ stage }) => stage === name)
      .map(({ cluster, namespace: place }) => ({ cluster, namespace: place })),
  }))
  const chosen = new Set(draft.targets.map(targetKey))
  const all = opening.value.frozen?.targets ?? []
  const left = back || spec.targets !== undefined ? [] : all.filter((target) => !chosen.has(targetKey(target)))
  return {
    findings: [...held, ...opened.findings, ...moving, ...planned.findings],
    stages,
    left: left.map(({ cluster, namespace: place }) => ({ cluster, namespace: place })),
  }
}

const nothing = (findings: readonly Finding[]): PlanCheck => ({ findings: [...findings], stages: [], left: [] })

const error = (code: string, message: string, field?: string): Finding => ({
  severity: 'Error',
  code,
  message,
  ...(field === undefined ? {} : { field }),
})
