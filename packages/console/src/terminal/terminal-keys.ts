/** What of a key press decides where it goes. */
export interface TerminalPress {
  readonly type: string
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  readonly isComposing: boolean
}

/** `shell`: to the container. `browser`: to the page and the browser, as if there were no terminal. */
export type KeyGoes = 'shell' | 'browser' | 'copy' | 'leave'

/**
 * Where a key goes. Everything is the shell's but what one cannot do without in a browser: copying and pasting,
 * reloading, developer tools, full screen, and a way out for who has only keys.
 */
export function whereKeyGoes(press: TerminalPress, hasSelection: boolean): KeyGoes {
  const { type, key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = press
  // an input method keeps its keys
  if (isComposing) return 'shell'
  if (key === 'Escape' && shiftKey && !ctrlKey && !altKey && !metaKey) return type === 'keydown' ? 'leave' : 'browser'
  const letter = key.toLowerCase()
  if (metaKey && !ctrlKey && !altKey) return letter === 'c' && hasSelection ? 'copy' : 'browser'
  if (ctrlKey && !altKey && !metaKey) {
    // with something marked it means to take it along, as in every other place of the page
    if (letter === 'c' && (shiftKey || hasSelection)) return type === 'keydown' ? 'copy' : 'browser'
    if (letter === 'v') return 'browser'
    if (shiftKey && /^[a-z]$/.test(letter)) return 'browser'
  }
  if (/^F(?:5|11|12)$/.test(key) && !shiftKey && !altKey) return 'browser'
  return 'shell'
}

/** What is pasted has no escapes: a page could have put there what runs by itself, or ends a bracketed paste. */
export const pastable = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '')
