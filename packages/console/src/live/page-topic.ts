import { useEffect, useSyncExternalStore } from 'react'

let current: string | undefined
const listeners = new Set<() => void>()

function set(topic: string | undefined): void {
  if (current === topic) return
  current = topic
  for (const listener of listeners) listener()
}

/** What the page that is open wants to hear of beside the lists that are always heard of; undefined: nothing more. */
export function useOwnTopic(topic: string | undefined): void {
  // the stream belongs to the shell, which is told as long as the page is there
  useEffect(() => {
    set(topic)
    return () => set(undefined)
  }, [topic])
}

/** For the shell, which has the stream. */
export const usePageTopic = (): string | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
