import { type Controller, failpoint } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import { type Delivery, type Next, settled, waiting } from '@flotilla/model'
import { approversOf } from '@flotilla/reconcile'
import type { HostState } from '../../fleet/host-state.ts'
import { personName } from '../../access/person-name.ts'
import type { HistoryStore, RunComponent, RunRecord, RunTarget } from '../../store/history-store.ts'

export interface HistoryController {
  /** Keys are `namespace/name` of Deliveries. */
  readonly controller: Controller
  subscribe(enqueue: (key: string) => void): () => void
}

export interface HistoryDeps {
  readonly state: HostState
  readonly history: HistoryStore
  readonly clock: Clock
}

/** Longer than anybody leads without knowing that another does, or what another wrote. */
const patienceSeconds = 20

/** Keeps what ran where and when: told once what a target has applied, it writes down what is other than before. */
export function createHistoryController(deps: HistoryDeps): HistoryController {
  const { state } = deps
  /** What was written last, by key: most changes of a Delivery say nothing new. */
  const said = new Map<string, string>()
  /** Deliveries as they were seen last: one that is gone is closed under its own uid. */
  const seen = new Map<string, Delivery>()
  const late = new Map<string, Late>()
  return {
    controller: { name: 'history', concurrency: 4, work: (key) => work(deps, { said, seen, late }, key) },
    subscribe: (enqueue) =>
      state.deliveries.onChange((key, delivery) => {
        const before = seen.get(key)
        if (delivery === undefined ? before !== undefined : said.get(key) !== fingerprint(delivery)) enqueue(key)
      }),
  }
}

/** Deliveries that ended while no server was there to see it: what they ran ran until now, as far as anybody knows. */
export async function closeGone({ state, history, clock }: HistoryDeps, signal: AbortSignal): Promise<void> {
  await state.synced(signal)
  if (state.deliveries.unreadable.size > 0) return
  const there = new Set(state.deliveries.list().map(({ metadata }) => metadata.uid))
  // what came in the place of one that is gone closes it when it is written down itself
  const taken = new Set(
    state.deliveries.list().flatMap((one) => (hasApplied(one) ? [placeOf(targetOf(state, one))] : [])),
  )
  let before: string | undefined
  do {
    signal.throwIfAborted()
    const found = await history.find({ running: true }, { limit: 500, before })
    const gone = new Map(
      found.items
        .filter((run) => !there.has(run.deliveryUid) && !taken.has(placeOf(run)))
        .map((run) => [run.deliveryUid, run]),
    )
    for (const run of gone.values()) {
      const { late } = await history.record(run, [], new Date(clock.now()).toISOString())
      if (late !== undefined) await history.record(run, [], late)
      failpoint('history-closed')
    }
    before = found.next
  } while (before !== undefined)
}

interface Memory {
  readonly said: Map<string, string>
  readonly seen: Map<string, Delivery>
  readonly late: Map<string, Late>
}

/** What was to be written down, and something later is there already. */
interface Late {
  readonly what: string
  /** The moment of that, RFC 3339. */
  readonly at: string
  /** By `Clock.elapsed`. */
  readonly since: number
}

interface Said {
  readonly what: string
  readonly target: RunTarget
  readonly components: readonly RunComponent[]
  readonly at: string
}

async function work(deps: HistoryDeps, memory: Memory, key: string): Promise<Next> {
  const { state, history, clock } = deps
  const { said, seen } = memory
  const [namespace = '', name = ''] = key.split('/')
  const now = new Date(clock.now()).toISOString()
  const delivery = state.deliveries.get(namespace, name)
  const last = seen.get(key)
  // what cannot be read is not gone
  if (delivery === undefined && state.deliveries.unreadable.has(key)) return settled
  if (last !== undefined && last.metadata.uid !== delivery?.metadata.uid) {
    const target = targetOf(state, last)
    // one in its place that has all of it already closes it, as of when it had it
    if (delivery === undefined || !hasApplied(delivery) || placeOf(targetOf(state, delivery)) !== placeOf(target)) {
      const what = `gone ${target.deliveryUid}`
      const wait = await record(deps, memory, key, { what, target, components: [], at: now })
      if (wait !== undefined) return wait
      failpoint('history-closed')
    }
    said.delete(key)
    seen.delete(key)
  }
  if (delivery === undefined) return settled
  const mark = fingerprint(delivery)
  seen.set(key, delivery)
  const applied = delivery.status?.applied
  if (said.get(key) === mark || applied === undefined || !hasApplied(delivery)) return settled
  const target = targetOf(state, delivery)
  const { projectUid, application, cluster, namespace: place } = target
  const question = { projectUids: [projectUid], application, cluster, namespace: place, running: true }
  const before = await history.find(question, { limit: 100 })
  const running = new Map(before.items.map((run) => [run.component, run]))
  const components = componentsOf(state, delivery).map((component) =>
    keepOrigin(component, running.get(component.component)),
  )
  const wait = await record(deps, memory, key, { what: mark, target, components, at: applied.at })
  if (wait !== undefined) return wait
  failpoint('history-recorded')
  said.set(key, mark)
  return settled
}

/**
 * Writes it down, or says how long to wait: where something later is there, either this server stood still, which it hears of
 * soon, or a clock is off. What is still so then counts as of that later moment.
 */
async function record(
  { history, clock }: HistoryDeps,
  { late }: Memory,
  key: string,
  { what, target, components, at }: Said,
): Promise<Next | undefined> {
  const now = clock.elapsed()
  const before = late.get(key)
  const same = before?.what === what ? before : undefined
  const waited = same !== undefined && now - same.since >= patienceSeconds * 1000
  const recorded = await history.record(target, components, waited ? same.at : at)
  if (recorded.late === undefined) {
    late.delete(key)
    return undefined
  }
  late.set(key, { what, at: recorded.late, since: waited ? now : (same?.since ?? now) })
  return waiting(patienceSeconds, `the history holds something later of ${target.cluster}/${target.namespace}`)
}

/** While something is in hand, what is seen is on its way from one to the other. */
const hasApplied = ({ status }: Delivery): boolean => status?.applied !== undefined && status.attempt === undefined

const placeOf = ({ projectUid, application, cluster, namespace }: RunTarget): string =>
  JSON.stringify([projectUid, application, cluster, namespace])

/** What of a Delivery the history is about. */
function fingerprint({ metadata, spec, status }: Delivery): string {
  const components = (status?.components ?? []).map(({ name, digest, version, images }) => [
    name,
    digest,
    version,
    images,
  ])
  return JSON.stringify([
    metadata.uid,
    status?.applied?.digest,
    status?.attempt === undefined,
    components,
    spec.desired?.release,
  ])
}

function targetOf(state: HostState, { metadata, spec }: Delivery) {
  const { project, application, target } = spec
  const found = state.projects.list().find((one) => one.metadata.uid === project.uid)
  const workspace = found?.metadata.namespace?.replace(/^ws-/, '')
  return {
    deliveryUid: metadata.uid ?? '',
    projectUid: project.uid,
    project: project.name,
    workspace,
    application: application.name,
    cluster: target.cluster,
    namespace: target.namespace,
    environment: target.environment,
  }
}

/** A release that leaves a component as it is did not bring it. */
function keepOrigin(component: RunComponent, run: RunRecord | undefined): RunComponent {
  if (run === undefined || run.digest !== component.digest) return component
  const { release, rollout, approvedBy, author } = run
  return { ...component, release, rollout, approvedBy, author }
}

function componentsOf(state: HostState, { metadata, spec, status }: Delivery): RunComponent[] {
  const { namespace = '' } = metadata
  // what is wanted by now may be another release than what is applied
  const current = spec.desired?.digest === status?.applied?.digest ? spec.desired : undefined
  const release = current?.release === undefined ? undefined : state.releases.get(namespace, current.release)
  const author = release?.spec.authors[0]
  const rollout = current?.rollout === undefined ? undefined : state.rollouts.get(namespace, current.rollout)
  const approvedBy = approversOf(rollout?.status, spec.target)
  return (status?.components ?? []).flatMap((component) =>
    component.digest === undefined
      ? []
      : [
          {
            component: component.name,
            version: component.version,
            digest: component.digest,
            images: component.images ?? [],
            release: current?.release,
            rollout: current?.rollout,
            author: author === undefined ? undefined : personName(state, author).name,
            approvedBy,
          },
        ],
  )
}
