import { FlotillaError } from '@flotilla/model'
import { steadyBackoff } from './backoff.ts'
import type { Clock } from './clock.ts'

/** Whether the cluster is asked at all. `open`: it is left alone until the next probe; `half-open`: one request tries. */
export type ConnectionState =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly since: number; readonly reason: string }
  | { readonly state: 'half-open'; readonly since: number; readonly reason: string }

export interface BreakerOptions {
  readonly name: string
  readonly clock: Clock
  /** Failures in a row that open it. */
  readonly failures: number
  /** Longest wait between probes. */
  readonly maxWaitMs: number
}

const firstWaitMs = 500

/** Stops asking a cluster that does not answer: one probe at a time until one is answered. */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #listeners = new Set<(state: ConnectionState) => void>()
  #state: ConnectionState = { state: 'closed' }
  #failures = 0
  #firstFailure = 0
  #probes = 0
  #probeAt = 0

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Milliseconds until a probe is let through. */
  get probeInMs(): number {
    return this.#state.state === 'open' ? Math.max(0, this.#probeAt - this.#options.clock.elapsed()) : 0
  }

  onChange(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Lets a request through or throws `cluster.breaker_open`. What it lets through must be settled by one of the methods below. */
  admit(): void {
    if (this.#state.state === 'closed') return
    if (this.#state.state === 'open' && this.probeInMs === 0) {
      this.#change({ ...this.#state, state: 'half-open' })
      return
    }
    throw this.#refusal(this.#state)
  }

  answered(): void {
    this.#failures = 0
    this.#probes = 0
    if (this.#state.state !== 'closed') this.#change({ state: 'closed' })
  }

  failed(reason: string): void {
    if (this.#failures === 0) this.#firstFailure = this.#options.clock.now()
    this.#failures++
    if (this.#state.state === 'closed') {
      if (this.#failures >= this.#options.failures) this.#open(this.#firstFailure, reason)
    } else if (this.#state.state === 'half-open') {
      this.#open(this.#state.since, reason)
    }
  }

  /** The request ended without telling anything of the cluster: a probe that was called off frees the way for the next. */
  abandoned(): void {
    if (this.#state.state === 'half-open') this.#change({ ...this.#state, state: 'open' })
  }

  /** Opens at once, when the silence was proven in another way. */
  trip(since: number, reason: string): void {
    if (this.#state.state === 'closed') this.#open(since, reason)
  }

  #open(since: number, reason: string): void {
    const { clock, maxWaitMs } = this.#options
    const wait = steadyBackoff(this.#probes++, { baseMs: firstWaitMs, maxMs: maxWaitMs, random: () => clock.random() })
    this.#probeAt = clock.elapsed() + wait
    this.#change({ state: 'open', since, reason })
  }

  #refusal(state: Exclude<ConnectionState, { state: 'closed' }>): FlotillaError {
    const { name, clock } = this.#options
    return new FlotillaError('cluster.breaker_open', {
      message: `Cluster ${name} has not answered since ${new Date(state.since).toISOString()}: ${state.reason}`,
      remedy:
        'It is asked again by itself every few seconds. Check that the cluster runs and can be reached from here.',
      retryAfter: Math.max(1, Math.ceil((this.#probeAt - clock.elapsed()) / 1000)),
    })
  }

  #change(state: ConnectionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}
