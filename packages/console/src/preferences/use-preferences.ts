import { useSyncExternalStore } from 'react'
import { parsePreferences, preferencesKey, type Preferences } from './preferences.ts'

const listeners = new Set<() => void>()
let current = parsePreferences(localStorage.getItem(preferencesKey), navigator.languages)

const darkQuery = matchMedia('(prefers-color-scheme: dark)')
const stillQuery = matchMedia('(prefers-reduced-motion: reduce)')

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

const subscribeTo = (query: MediaQueryList) => (listener: () => void) => {
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}
const subscribeDark = subscribeTo(darkQuery)
const subscribeStill = subscribeTo(stillQuery)

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, getPreferences)

/** Light or dark as it is to be shown now: what was chosen, or what the system says. */
export function useThemeMode(): 'light' | 'dark' {
  const systemDark = useSyncExternalStore(subscribeDark, () => darkQuery.matches)
  const { theme } = usePreferences()
  if (theme === 'system') return systemDark ? 'dark' : 'light'
  return theme
}

/** Whether things may move: not where the system asks for stillness. */
export const useMotion = (): boolean => !useSyncExternalStore(subscribeStill, () => stillQuery.matches)
