import type { Clock, KubeClient } from '@flotilla/kube'
import type { Health } from '@flotilla/model'
import { explainByPods } from '@flotilla/reconcile'

export interface UnwellWorkload {
  /** Tells it from all others of the cluster. */
  readonly key: string
  readonly namespace: string
  readonly selector: string
  readonly health: Health
}

export interface PodExplainerOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Those that are not well now. */
  readonly unwell: () => Iterable<UnwellWorkload>
  readonly explain: (key: string, health: Health) => void
}

const firstLookMs = 400
/** The first looks come quickly, later ones rarely: a broken workload must not cost requests for ever. */
const intervals = [1_500, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000]
const mostAtOnce = 4
/** Workloads looked at per round; the others come next. */
const mostPerRound = 40
const mostPods = 200

interface Look {
  /** By `Clock.elapsed`. */
  due: number
  times: number
  health: Health
}

/**
 * Looks at the pods of workloads that are not well, and only at theirs: so that a message says which image is not
 * found instead of how many pods are missing. Ends with the signal.
 */
export class PodExplainer {
  readonly #options: PodExplainerOptions
  readonly #looks = new Map<string, Look>()
  /** A round is to come, or is under way. */
  #asleep = false

  constructor(options: PodExplainerOptions) {
    this.#options = options
  }

  /** A workload became unwell, or changed while it was. */
  nudge(): void {
    if (!this.#asleep) this.#sleep(firstLookMs)
  }

  #sleep(ms: number): void {
    this.#asleep = true
    const { clock, signal } = this.#options
    void clock
      .sleep(ms, signal)
      .then(() => this.#round())
      .catch(() => 'the cluster is no longer watched')
  }

  async #round(): Promise<void> {
    const { clock, signal } = this.#options
    const unwell = new Map<string, UnwellWorkload>()
    for (const workload of this.#options.unwell()) unwell.set(workload.key, workload)
    for (const key of this.#looks.keys()) if (!unwell.has(key)) this.#looks.delete(key)
    const now = clock.elapsed()
    const due: UnwellWorkload[] = []
    for (const workload of unwell.values()) {
      const look = this.#looks.get(workload.key)
      const changed = look !== undefined && look.health.message !== workload.health.message
      if (look === undefined || changed) this.#looks.set(workload.key, { due: now, times: 0, health: workload.health })
      if ((this.#looks.get(workload.key)?.due ?? 0) <= now) due.push(workload)
    }
    due.splice(mostPerRound)
    const workers = Array.from({ length: mostAtOnce }, async () => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) await this.#look(next)
    })
    await Promise.all(workers)
    if (signal.aborted) return
    this.#asleep = false
    if (this.#looks.size === 0) return
    const soonest = Math.min(...Array.from(this.#looks.values(), (look) => look.due))
    this.#sleep(Math.max(300, soonest - clock.elapsed()))
  }

  async #look(workload: UnwellWorkload): Promise<void> {
    const { client, clock, signal } = this.#options
    const look = this.#looks.get(workload.key)
    if (look === undefined) return
    look.due = clock.elapsed() + (intervals[Math.min(look.times, intervals.length - 1)] ?? 30_000)
    look.times++
    try {
      const { items } = await client.list(
        { group: '', version: 'v1', kind: 'Pod' },
        {
          namespace: workload.namespace,
          labelSelector: workload.selector,
          maxItems: mostPods,
          timeoutMs: 5_000,
          signal,
        },
      )
      this.#options.explain(workload.key, explainByPods(workload.health, items))
    } catch {
      // what the workload says of itself has to do until the next look
    }
  }
}
