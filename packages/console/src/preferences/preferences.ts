/** What a person chose for this browser. Kept in localStorage; never data of the server. */
export interface Preferences {
  readonly theme: 'light' | 'dark' | 'system'
  readonly language: 'en' | 'zh-CN'
  readonly zone: 'local' | 'utc'
}

export const preferencesKey = 'flotilla.preferences'

const oneOf = <T extends string>(value: unknown, choices: readonly T[], otherwise: T): T =>
  choices.find((choice) => choice === value) ?? otherwise

/** Reads what was stored, however old or broken; what is missing comes from the browser. */
export function parsePreferences(stored: string | null, browserLanguages: readonly string[]): Preferences {
  const guessed = browserLanguages[0]?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
  let chosen: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(stored ?? '{}')
    if (typeof parsed === 'object' && parsed !== null) chosen = { ...parsed }
  } catch {
    // a broken entry is as good as none
  }
  return {
    theme: oneOf(chosen['theme'], ['light', 'dark', 'system'], 'system'),
    language: oneOf(chosen['language'], ['en', 'zh-CN'], guessed),
    zone: oneOf(chosen['zone'], ['local', 'utc'], 'local'),
  }
}
