import { useSyncExternalStore } from 'react'

export interface LogsOf {
  /** Without an application it is one pod of one cluster. */
  readonly project?: string
  readonly application?: string
  readonly component?: string
  readonly clusters: readonly string[]
  readonly namespace?: string
  readonly pod?: string
  readonly previous: boolean
}

export interface DockTab {
  readonly id: string
  readonly logs: LogsOf
}

interface DockState {
  readonly tabs: readonly DockTab[]
  readonly active: string | undefined
  readonly height: number
}

const storageKey = 'flotilla.dock'
const mostTabs = 8
const closed: DockState = { tabs: [], active: undefined, height: 188 }

function restore(): DockState {
  try {
    const stored = sessionStorage.getItem(storageKey)
    if (stored === null) return closed
    // written by this file only; a broken entry closes the dock
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return { ...closed, ...(JSON.parse(stored) as DockState) }
  } catch {
    return closed
  }
}

let state = restore()
const listeners = new Set<() => void>()

function set(change: Partial<DockState>): void {
  state = { ...state, ...change }
  sessionStorage.setItem(storageKey, JSON.stringify(state))
  for (const listener of listeners) listener()
}

/** Opens logs in the dock, or shows the tab that has them already. */
export function openLogs(logs: LogsOf): void {
  const id = JSON.stringify(logs)
  const others = state.tabs.filter((tab) => tab.id !== id).slice(-(mostTabs - 1))
  const known = state.tabs.some((tab) => tab.id === id)
  set({ tabs: known ? state.tabs : [...others, { id, logs }], active: id })
}

export const showTab = (id: string): void => set({ active: id })
export const setDockHeight = (height: number): void => set({ height: Math.round(Math.min(Math.max(height, 120), 640)) })

export function closeTab(id: string): void {
  const tabs = state.tabs.filter((tab) => tab.id !== id)
  set({ tabs, active: state.active === id ? tabs.at(-1)?.id : state.active })
}

/** Forgets all tabs: with the session goes what it was reading. */
export const closeDock = (): void => set({ tabs: [], active: undefined })

export const useDock = (): DockState =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
