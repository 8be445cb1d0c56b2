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
    const stored = sessionStorage.getItem(prefix + key)
    // written by this file only
    return stored === null ? undefined : (JSON.parse(stored) as Draft)
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
