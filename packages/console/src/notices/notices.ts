import { useSyncExternalStore } from 'react'

export interface Notice {
  readonly id: number
  readonly text: string
  readonly bad: boolean
  /** What can be done about it, such as to undo it. */
  readonly action?: NoticeAction
}

export interface NoticeAction {
  readonly label: string
  readonly run: () => void
}

const shownMs = 5000
const longShownMs = 12_000
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

/** Says a short sentence in the corner, for a while; longer where it is bad or can be undone. */
export function notify(text: string, options: { bad?: boolean; action?: NoticeAction } = {}): void {
  const id = nextId++
  const { bad = false, action } = options
  set([...notices, { id, text, bad, ...(action === undefined ? {} : { action }) }].slice(-mostShown))
  setTimeout(() => dismiss(id), bad || action !== undefined ? longShownMs : shownMs)
}

export const useNotices = (): readonly Notice[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => notices,
  )
