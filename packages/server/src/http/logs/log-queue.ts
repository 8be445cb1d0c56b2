import type { LogItem } from '@flotilla/api'

export type LogSource = {
  readonly cluster: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

export interface LogQueueLimits {
  readonly items: number
  readonly bytes: number
}

/**
 * Between many logs and one reader. Full, it either holds the writers up (a finite log loses nothing) or, while
 * following, drops and counts: a reader that is slower than the pods must not stop them.
 */
export class LogQueue {
  readonly #limits: LogQueueLimits
  readonly #lossy: boolean
  #items: LogItem[] = []
  #bytes = 0
  #dropped = new Map<string, { source: LogSource; lines: number }>()
  #over = false
  #room = Promise.withResolvers<undefined>()
  #news = Promise.withResolvers<undefined>()

  constructor(limits: LogQueueLimits, lossy: boolean) {
    this.#limits = limits
    this.#lossy = lossy
  }

  get #full(): boolean {
    return this.#items.length >= this.#limits.items || this.#bytes >= this.#limits.bytes
  }

  /** Resolves when the item was taken or dropped. */
  async push(item: LogItem): Promise<void> {
    while (this.#full && !this.#over) {
      if (this.#lossy && item.type === 'line') {
        const key = `${item.cluster}/${item.namespace}/${item.pod}/${item.container}`
        const before = this.#dropped.get(key)
        const { cluster, namespace, pod, container } = item
        this.#dropped.set(key, { source: { cluster, namespace, pod, container }, lines: (before?.lines ?? 0) + 1 })
        return
      }
      await this.#room.promise
    }
    if (this.#over) return
    this.#items.push(item)
    this.#bytes += sizeOf(item)
    this.#news.resolve(undefined)
  }

  end(): void {
    this.#over = true
    this.#news.resolve(undefined)
    this.#room.resolve(undefined)
  }

  /** Items as they come; ends after `end` and what was before it. */
  async *take(): AsyncGenerator<LogItem> {
    for (;;) {
      const items = this.#items
      this.#items = []
      this.#bytes = 0
      this.#room.resolve(undefined)
      this.#room = Promise.withResolvers()
      yield* items
      for (const { source, lines } of this.#dropped.values())
        yield { type: 'dropped', ...source, lines, reason: 'They came faster than they are read' }
      this.#dropped = new Map()
      if (this.#items.length > 0) continue
      if (this.#over) return
      await this.#news.promise
      this.#news = Promise.withResolvers()
    }
  }
}

const sizeOf = (item: LogItem): number => (item.type === 'line' ? item.text.length + 200 : 200)
