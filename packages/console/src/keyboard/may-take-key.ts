/** What of a key press decides whether a one-letter key may act. */
export interface KeyPress {
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly isComposing: boolean
  /** 229 while an input method is at work, where isComposing comes too late. */
  readonly keyCode: number
}

export interface Place {
  readonly tagName: string
  readonly isContentEditable: boolean
  readonly inDialog: boolean
}

const typing = new Set(['INPUT', 'TEXTAREA', 'SELECT'])

/** One-letter keys act only where nobody is typing: not in inputs, editors, dialogs, nor inside an input method. */
export function mayTakeKey(press: KeyPress, place: Place | undefined): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing || press.keyCode === 229) return false
  return place === undefined || !(typing.has(place.tagName) || place.isContentEditable || place.inDialog)
}

/** Enter that confirms what an input method offers is not Enter. */
export const isComposing = (press: Pick<KeyPress, 'isComposing' | 'keyCode'>): boolean =>
  press.isComposing || press.keyCode === 229
