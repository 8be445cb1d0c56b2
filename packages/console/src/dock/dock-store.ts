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

/** A pod in which a shell is open. */
export interface ShellOf {
  readonly cluster: string
  readonly namespace: string
  readonly pod: string
}

export type DockTab =
  | { readonly id: string; readonly logs: LogsOf; readonly shell?: undefined }
  | { readonly id: string; readonly shell: ShellOf; readonly logs?: undefined }

interface DockState {
  readonly tabs: readonly DockTab[]
  readonly active: string | undefined
  readonly height: number
}

const storageKey = 'flotilla.dock'
/** Of logs, beside shells: what is read again anyway may go, what somebody works in does not. */
const mostLogs = 8
const mostShells = 12
/** A shell of few lines is of no use. */
const leastOfShell = 300
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
  show({ id: JSON.stringify(logs), logs })
}

/** Opens a shell in the dock, or shows the one that is open in that pod. */
export function openShell(shell: ShellOf, { another = false }: { readonly another?: boolean } = {}): void {
  const base = `shell:${shell.cluster}/${shell.namespace}/${shell.pod}`
  let id = base
  const taken = new Set(state.tabs.map((tab) => tab.id))
  if (another) for (let count = 2; taken.has(id); count++) id = `${base}:${count}`
  show({ id, shell })
  if (state.height < leastOfShell) setDockHeight(leastOfShell)
}

function show(tab: DockTab): void {
  const { id } = tab
  if (state.tabs.some((one) => one.id === id)) return set({ active: id })
  const oldest = (tabs: readonly DockTab[], most: number) => new Set(tabs.slice(0, Math.max(0, tabs.length - most)))
  const goes = new Set([
    ...oldest(
      [...state.tabs, tab].filter(({ logs }) => logs !== undefined),
      mostLogs,
    ),
    ...oldest(
      [...state.tabs, tab].filter(({ shell }) => shell !== undefined),
      mostShells,
    ),
  ])
  set({ tabs: [...state.tabs, tab].filter((one) => !goes.has(one)), active: id })
}

export const showTab = (id: string): void => set({ active: id })
export const setDockHeight = (height: number): void => set({ height: Math.round(Math.min(Math.max(height, 120), 640)) })

export function closeTab(id: string): void {
  const tabs = state.tabs.filter((tab) => tab.id !== id)
  set({ tabs, active: state.active === id ? tabs.at(-1)?.id : state.active })
}

/** Forgets all tabs: with the session goes what it was reading. */
export const closeDock = (): void => set({ tabs: [], active: undefined })

export const listTabs = (): readonly DockTab[] => state.tabs

export function subscribeDock(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useDock = (): DockState => useSyncExternalStore(subscribeDock, () => state)
