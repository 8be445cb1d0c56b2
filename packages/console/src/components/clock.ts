import { useSyncExternalStore } from 'react'

/** One clock for the whole page: everything that says "4 min ago" moves on together. */
const step = 5000
let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  now = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, step)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Milliseconds since the epoch, moving every five seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now)
