import { FlotillaError } from '@flotilla/model'

export interface ConcurrencyLimit {
  readonly atOnce: number
  /** More than this many waiting are refused with `server.busy`. */
  readonly waiting: number
}

/** Runs at most `atOnce` works at the same time, the others in their turn. */
export function limitConcurrency(limit: ConcurrencyLimit): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const queue: (() => void)[] = []
  return async (work) => {
    if (running >= limit.atOnce) {
      if (queue.length >= limit.waiting)
        throw new FlotillaError('server.busy', {
          message: 'The server has too much of this to do at the moment',
          remedy: 'Try again in a few seconds',
          retryAfter: 5,
        })
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next === undefined) running--
      else next()
    }
  }
}

/** Refuses with `server.busy` what has more than `most` works under way by one key: one asker leaves room to the others. */
export function limitEach(most: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, number>()
  return async (key, work) => {
    const before = underWay.get(key) ?? 0
    if (before >= most)
      throw new FlotillaError('server.busy', {
        message: 'Too much of this is under way from this address',
        remedy: 'Try again in a few seconds',
        retryAfter: 5,
      })
    underWay.set(key, before + 1)
    try {
      return await work()
    } finally {
      const left = (underWay.get(key) ?? 1) - 1
      if (left === 0) underWay.delete(key)
      else underWay.set(key, left)
    }
  }
}
