import { useSyncExternalStore } from 'react'
import { parsePreferences, preferencesKey, type Preferences } from './preferences.ts'

const listeners = new Set<() => void>()
let current = parsePreferences(localStorage.getItem(preferencesKey), navigator.languages)

const darkQuery = matchMedia('(prefers-color-scheme: dark)')

export function getPreferences(): Preferences {
  return current
}

export function setPreference(change: Partial<Preferences>): void {
  current = { ...current, ...change }
  localStorage.setItem(preferencesKey, JSON.stringify(current))
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function subscribeDark(listener: () => void): () => void {
  darkQuery.addEventListener('change', listener)
  return () => darkQuery.removeEventListener('change', listener)
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, getPreferences)

/** Light or dark as it is to be shown now: what was chosen, or what the system says. */
export function useThemeMode(): 'light' | 'dark' {
  const systemDark = useSyncExternalStore(subscribeDark, () => darkQuery.matches)
  const { theme } = usePreferences()
  if (theme === 'system') return systemDark ? 'dark' : 'light'
  return theme
}
