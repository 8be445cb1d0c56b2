import { type PlanSpec, type RolloutControl, type StepRef } from '@flotilla/model'
import { namesOfSteps, type RolloutEvent } from './arbitraries.ts'
import type { RolloutWorld } from './rollout-world.ts'
import { approver } from './scene.ts'

/** At most this many runs of one application in a history. */
const mostRuns = 3
const by = approver
let ids = 0
const nextId = (): string => `ask-${++ids}`

/** Lets one thing happen, and the controller look at it. */
export function happen(world: RolloutWorld, event: RolloutEvent): void {
  change(world, event)
  const rounds = event.event === 'time' ? event.rounds : 1
  for (let round = 0; round < rounds; round++) {
    world.pass()
    world.tick(event.event === 'time' ? event.seconds : 1)
  }
}

function change(world: RolloutWorld, event: RolloutEvent): void {
  const clusterOf = (index: number): string => world.clusters[index % world.clusters.length] ?? ''
  const names = [...world.rollouts.keys()]
  const nameOf = (index: number): string => names[index % names.length] ?? ''
  switch (event.event) {
    case 'time':
      return
    case 'clock':
      world.now += event.seconds * 1000
      return
    case 'lose':
      world.lose(clusterOf(event.cluster))
      return
    case 'back':
      world.lost.delete(clusterOf(event.cluster))
      return
    case 'delivery':
      world.behaviours.set(`${clusterOf(event.cluster)}/shop`, event.behaviour)
      return
    case 'step':
      world.steps.behaviours.set(event.name, event.behaviour)
      return
    case 'vanish':
      world.steps.vanish()
      return
    case 'person':
      askAsPerson(world, nameOf(event.run), event.does)
      return
    case 'retry':
    case 'skip-target': {
      const target = { cluster: clusterOf(event.cluster), namespace: 'shop' }
      askFor(world, nameOf(event.run), event.event === 'retry' ? { retry: { target } } : { skip: { target } })
      return
    }
    case 'skip-step':
    case 'resolve': {
      const step = stepAt(world, nameOf(event.run), event.at)
      if (step === undefined) return
      const outcome = event.good ? 'Succeeded' : 'Failed'
      askFor(world, nameOf(event.run), event.event === 'resolve' ? { resolve: { step, outcome } } : { skip: { step } })
      return
    }
    case 'approval': {
      const digest = world.get(nameOf(event.run)).status?.snapshot?.release
      if (digest === undefined) return
      world.approve(event.good ? 'Approved' : 'Rejected', event.other ? `other-${digest}` : digest, event.by)
      return
    }
    case 'new-target':
      world.placed = [...new Set([...world.placed, 'c-new/shop'])]
      return
    case 'other-run':
      startOther(world, event.whenBusy, event.rollback, event.only === undefined ? undefined : clusterOf(event.only))
      return
    case 'kill':
      world.killIn = { writes: event.writes, after: event.after }
      return
    case 'blind':
      world.blind.add(event.what)
      return
    case 'sight':
      world.blind.delete(event.what)
      return
    case 'stale':
      world.stale ??= { deliveries: new Map(world.deliveries), passes: event.passes }
      return
    case 'hand':
      writeByHand(world, `${clusterOf(event.cluster)}/shop`)
      return
    default:
      event satisfies never
  }
}

export function askAsPerson(
  world: RolloutWorld,
  name: string,
  does: 'pause' | 'unpause' | 'resume' | 'abort' | 'retry-all' | 'delete',
): void {
  const rollout = world.get(name)
  switch (does) {
    case 'pause':
      world.ask(name, () => ({ paused: { by } }))
      return
    case 'unpause':
      world.ask(name, () => ({ paused: undefined }))
      return
    case 'resume':
      world.ask(name, ({ resumed }) => ({ resumed: resumed + 1 }))
      return
    case 'abort':
      world.ask(name, ({ abort }) => ({ abort: abort ?? { by, reason: 'enough' } }))
      return
    case 'retry-all':
      askFor(world, name, { retry: {} })
      return
    case 'delete': {
      const deletionTimestamp = rollout.metadata.deletionTimestamp ?? world.time
      world.rollouts.set(name, { ...rollout, metadata: { ...rollout.metadata, deletionTimestamp } })
      return
    }
    default:
      does satisfies never
  }
}

interface Asked {
  readonly retry?: Partial<RolloutControl['retries'][number]>
  readonly skip?: Partial<RolloutControl['skips'][number]>
  readonly resolve?: { readonly step: StepRef; readonly outcome: 'Succeeded' | 'Failed' }
}

export function askFor(world: RolloutWorld, name: string, asked: Asked): void {
  const base = { id: nextId(), by, reason: 'it is so' }
  world.ask(name, ({ retries, skips, resolutions }) => ({
    retries: asked.retry === undefined ? retries : [...retries, { id: base.id, by, ...asked.retry }],
    skips: asked.skip === undefined ? skips : [...skips, { ...base, ...asked.skip }],
    resolutions: asked.resolve === undefined ? resolutions : [...resolutions, { ...base, ...asked.resolve }],
  }))
}

function stepAt(world: RolloutWorld, name: string, at: number): StepRef | undefined {
  const document = world.documents.get(world.get(name).metadata.uid ?? '')?.document
  if (document === undefined) return undefined
  const all = namesOfSteps(document.plan).flatMap(({ stage, each, step }): StepRef[] =>
    each
      ? document.targets
          .filter((target) => target.stage === stage)
          .map(({ cluster, namespace }) => ({ stage, step: step.name, target: { cluster, namespace } }))
      : [{ stage, step: step.name }],
  )
  return all[at % Math.max(1, all.length)]
}

function startOther(
  world: RolloutWorld,
  whenBusy: PlanSpec['whenBusy'],
  rollback: boolean,
  only: string | undefined,
): void {
  if (world.rollouts.size >= mostRuns) return
  const stored = world.documents.get('run-uid')
  const name = `run-${world.rollouts.size + 1}`
  if (stored === undefined) return
  const plan: PlanSpec = { ...stored.document.plan, whenBusy }
  // frozen before the first run, or after it
  const old = world.isEnded('run') ? 'v2' : 'v1'
  const rest = {
    ...(rollback ? { rollback: { of: 'run' } } : {}),
    ...(only === undefined ? {} : { targets: [{ cluster: only, namespace: 'shop' }] }),
  }
  world.start(name, plan, `v${world.rollouts.size + 2}`, rest, old)
}

/** Somebody changes what is wanted behind the back of every run. */
function writeByHand(world: RolloutWorld, key: string): void {
  const delivery = world.deliveries.get(key)
  if (delivery?.spec.desired === undefined) return
  const { metadata, spec } = delivery
  const desired = { revision: 1, components: [], digest: 'by-hand' }
  const generation = (metadata.generation ?? 1) + 1
  world.deliveries.set(key, { ...delivery, metadata: { ...metadata, generation }, spec: { ...spec, desired } })
}
