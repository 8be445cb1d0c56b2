/** What somebody was writing, kept for this tab until it is saved or thrown away. */
export interface Draft {
  readonly text: string
  /** The declared part of the object that the writing began from; undefined for a new one. */
  readonly base: unknown
  readonly resourceVersion: string | undefined
}

const prefix = 'flotilla.draft.'

export function readDraft(key: string): Draft | undefined {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(prefix + key) ?? 'null')
    if (typeof stored !== 'object' || stored === null || !('text' in stored) || typeof stored.text !== 'string')
      return undefined
    const version: unknown = Reflect.get(stored, 'resourceVersion')
    return {
      text: stored.text,
      base: Reflect.get(stored, 'base'),
      resourceVersion: typeof version === 'string' ? version : undefined,
    }
  } catch {
    return undefined
  }
}

export function writeDraft(key: string, draft: Draft): void {
  try {
    sessionStorage.setItem(prefix + key, JSON.stringify(draft))
  } catch {
    // a full store loses the draft, not the text on the screen
  }
}

export const dropDraft = (key: string): void => sessionStorage.removeItem(prefix + key)
