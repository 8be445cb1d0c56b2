import { useSyncExternalStore } from 'react'

export interface Notice {
  readonly id: number
  readonly text: string
  readonly bad: boolean
}

const shownMs = 5000
const badShownMs = 12_000
const mostShown = 4

let notices: readonly Notice[] = []
let nextId = 1
const listeners = new Set<() => void>()

function set(next: readonly Notice[]): void {
  notices = next
  for (const listener of listeners) listener()
}

export function dismiss(id: number): void {
  set(notices.filter((notice) => notice.id !== id))
}

/** Says a short sentence in the corner, for a while. */
export function notify(text: string, options: { bad?: boolean } = {}): void {
  const id = nextId++
  const bad = options.bad === true
  set([...notices, { id, text, bad }].slice(-mostShown))
  setTimeout(() => dismiss(id), bad ? badShownMs : shownMs)
}

export const useNotices = (): readonly Notice[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => notices,
  )
