import { FlotillaError } from '@flotilla/model'

/** At most `limit` at a time, first come first served, and at most `queue` waiting: what lies beyond is refused. */
export class Limiter {
  readonly #limit: number
  readonly #queue: number
  readonly #what: string
  readonly #waiting = new Set<() => void>()
  #active = 0

  constructor(options: { limit: number; queue: number; what: string }) {
    this.#limit = options.limit
    this.#queue = options.queue
    this.#what = options.what
  }

  get active(): number {
    return this.#active
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Resolves with the way to give the place back, which may be called more than once. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#active >= this.#limit) await this.#turn(signal)
    else this.#active++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#release()
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#queue) {
      throw new FlotillaError('kube.overloaded', {
        message: `Too many ${this.#what}: ${this.#active} are open and ${this.#waiting.size} wait.`,
        remedy: 'Wait until some are done. If it persists, the cluster answers too slowly for what is asked of it.',
        retryAfter: 1,
      })
    }
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const abort = (): void => {
        this.#waiting.delete(grant)
        reject(signal.reason as Error)
      }
      this.#waiting.add(grant)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** The place goes straight to the next in line, so that nobody overtakes. */
  #release(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#active--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
