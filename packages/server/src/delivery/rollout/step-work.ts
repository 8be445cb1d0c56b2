import type { Clock } from '@flotilla/kube'
import { asFlotillaError, type FlotillaError, type Known, known, unknown } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import { inParallel } from '../delivery/in-parallel.ts'

/** A pass waits this long for what it asks; what takes longer goes on by itself, and a later pass finds what came of it. */
const patienceMs = 1_000
/** Of one cluster, however many steps are at work there. */
const perCluster = 16
const restMs = { base: 2_000, most: 10_000 }
/** Steps that were never let go of are forgotten when there are more; then they are asked about anew. */
const mostKept = 20_000

interface Rest {
  readonly failures: number
  readonly until: number
}

interface StepState {
  readonly cluster: string
  /** What is at work on it; never rejects. */
  busy?: Promise<void> | undefined
  /** What the last look gave, until a pass takes it. */
  fresh?: Known<StepSight> | undefined
  /** The last sight that stays true enough while the next look takes long. */
  last?: Known<StepSight> | undefined
  looking: Rest
  acting: Rest
}

export interface StepAct {
  readonly step: StepInHand
  readonly work: () => Promise<void>
  /** It is tried again; told how often in a row it has failed. */
  readonly onFailure: (error: FlotillaError, failures: number) => void
}

const awake: Rest = { failures: 0, until: 0 }

/**
 * Looks at steps and works on them. Each waits for a cluster or an address of its own: of one step one thing is done at a time,
 * and one that does not answer holds up no other. What an API server refused rests before it is tried again, longer each time, and
 * as long as it asked for.
 */
export class StepWork {
  readonly #clock: Clock
  readonly #states = new Map<string, StepState>()
  readonly #troubles = new Map<string, string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Why the last work on a step failed, by key, until it is done. */
  get troubles(): ReadonlyMap<string, string> {
    return this.#troubles
  }

  /** What is seen of these steps now, or was a moment ago where their clusters take long. */
  async look(
    steps: readonly StepInHand[],
    see: (step: StepInHand) => Promise<StepSight>,
  ): Promise<ReadonlyMap<string, Known<StepSight>>> {
    const asked = steps.map((step) => ({ step, state: this.#stateOf(step) }))
    const free = asked.filter(({ state }) => state.fresh === undefined && this.#isFree(state, state.looking))
    const begun = asked.map(({ state }) => state.busy)
    await this.#sideBySide(free, ({ step, state }) => this.#look(state, () => see(step)), begun)
    return new Map(
      asked.map(({ step, state }) => {
        const sight = state.fresh ?? state.last ?? unknown('it has not answered yet')
        state.fresh = undefined
        return [step.key, sight]
      }),
    )
  }

  /** Works on steps, each once. @returns whether something was done; what was not is to be asked for once more */
  async act(acts: readonly StepAct[]): Promise<boolean> {
    let done = false
    const free = acts
      .map((act) => ({ ...act, state: this.#stateOf(act.step) }))
      .filter(({ state }) => this.#isFree(state, state.acting))
    await this.#sideBySide(free, async ({ step, state, work, onFailure }) => {
      try {
        await work()
        state.acting = awake
        this.#troubles.delete(step.key)
        done = true
      } catch (thrown) {
        state.acting = this.#restAfter(state.acting, thrown)
        const error = asFlotillaError(thrown)
        this.#noteTrouble(step.key, error.message)
        onFailure(error, state.acting.failures)
      }
      // it is another one now than what was seen
      state.fresh = undefined
      state.last = undefined
    })
    return done
  }

  /** Nothing more is to come of it. */
  forget(key: string): void {
    this.#states.delete(key)
    this.#troubles.delete(key)
  }

  #noteTrouble(key: string, message: string): void {
    this.#troubles.set(key, message)
    const [oldest] = this.#troubles.keys()
    if (this.#troubles.size > mostKept && oldest !== undefined) this.#troubles.delete(oldest)
  }

  async #look(state: StepState, see: () => Promise<StepSight>): Promise<void> {
    try {
      const sight = await see()
      state.looking = awake
      state.fresh = known(sight)
      state.last = sight.state === 'running' ? state.fresh : undefined
    } catch (thrown) {
      state.looking = this.#restAfter(state.looking, thrown)
      state.fresh = unknown(asFlotillaError(thrown).message)
      state.last = state.fresh
    }
  }

  /** What begins does so before the pass goes on: nothing is begun later on the word of an older pass. */
  async #sideBySide<T extends { readonly state: StepState }>(
    items: readonly T[],
    work: (item: T) => Promise<void>,
    begun: readonly (Promise<void> | undefined)[] = [],
  ): Promise<void> {
    let isOver = false
    const start = async (item: T): Promise<void> => {
      const { state } = item
      if (isOver || state.busy !== undefined) return
      state.busy = work(item).finally(() => {
        state.busy = undefined
      })
      await state.busy
    }
    const all = [...Map.groupBy(items, ({ state }) => state.cluster)].map(([cluster, own]) => {
      const places = perCluster - this.#busyIn(cluster)
      return places <= 0 ? undefined : inParallel(own, places, start)
    })
    const pass = new AbortController()
    const patience = this.#clock.sleep(patienceMs, pass.signal).catch(() => 'all was done before')
    await Promise.race([Promise.all([...all, ...begun]), patience])
    isOver = true
    pass.abort()
  }

  #busyIn(cluster: string): number {
    let busy = 0
    for (const state of this.#states.values()) if (state.cluster === cluster && state.busy !== undefined) busy++
    return busy
  }

  #isFree({ busy }: StepState, { until }: Rest): boolean {
    return busy === undefined && this.#clock.elapsed() >= until
  }

  /** Only what an API server answered is a reason to wait: one that cannot be reached is not asked either. */
  #restAfter(before: Rest, thrown: unknown): Rest {
    const { code, retryAfter = 0 } = asFlotillaError(thrown)
    const failures = before.failures + 1
    if (!code.startsWith('kube.') || code === 'kube.conflict') return { failures, until: 0 }
    const longest = Math.min(restMs.most, restMs.base * 2 ** Math.min(failures - 1, 10))
    const ms = Math.max(retryAfter * 1000, longest * (0.5 + this.#clock.random() / 2))
    return { failures, until: this.#clock.elapsed() + ms }
  }

  #stateOf({ key, place }: StepInHand): StepState {
    const found = this.#states.get(key)
    if (found !== undefined) return found
    const state: StepState = { cluster: place.cluster, looking: awake, acting: awake }
    this.#states.set(key, state)
    const [oldest] = this.#states
    if (this.#states.size > mostKept && oldest?.[1].busy === undefined) this.#states.delete(oldest?.[0] ?? '')
    return state
  }
}
