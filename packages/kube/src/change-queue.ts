import type { WatchChange } from './watch.ts'

/**
 * Hands changes to readers who take their time. Unread changes of one object are merged into one, so that a slow
 * reader costs at most one entry per object and still ends at the true state.
 */
export class ChangeQueues<T> {
  readonly #readers = new Set<Reader<T>>()

  push(change: WatchChange<T>): void {
    for (const reader of this.#readers) {
      const merged = mergeChanges(reader.pending.get(change.key), change)
      if (merged === undefined) reader.pending.delete(change.key)
      else reader.pending.set(change.key, merged)
      reader.wake()
    }
  }

  /** Ends every reader once it has read what is left. */
  close(): void {
    for (const reader of this.#readers) {
      reader.closed = true
      reader.wake()
    }
  }

  read(signal: AbortSignal | undefined): AsyncIterable<WatchChange<T>> {
    const reader: Reader<T> = { pending: new Map(), closed: false, wake: () => {} }
    this.#readers.add(reader)
    const readers = this.#readers
    const abort = (): void => {
      reader.closed = true
      reader.pending.clear()
      reader.wake()
    }
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    async function* changes(): AsyncGenerator<WatchChange<T>> {
      try {
        for (;;) {
          const [first] = reader.pending
          if (first !== undefined) {
            reader.pending.delete(first[0])
            yield first[1]
            continue
          }
          if (reader.closed) return
          await new Promise<void>((resolve) => {
            reader.wake = resolve
          })
        }
      } finally {
        readers.delete(reader)
        signal?.removeEventListener('abort', abort)
      }
    }
    return changes()
  }
}

interface Reader<T> {
  readonly pending: Map<string, WatchChange<T>>
  closed: boolean
  wake: () => void
}

/** Two changes of one object as one; undefined when they cancel out. */
export function mergeChanges<T>(first: WatchChange<T> | undefined, then: WatchChange<T>): WatchChange<T> | undefined {
  if (first === undefined) return then
  const { key, object } = then
  if (first.type === 'added') return then.type === 'deleted' ? undefined : { type: 'added', key, object }
  const before = first.type === 'modified' ? first.previous : first.object
  if (then.type === 'deleted') return { type: 'deleted', key, object }
  return { type: 'modified', key, object, previous: before }
}
