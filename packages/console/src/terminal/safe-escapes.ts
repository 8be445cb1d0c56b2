import type { Terminal } from '@xterm/xterm'

/**
 * What a program in a container may not do to the page or the person: name the tab, make links of its own words, reach
 * the clipboard, send notices, or have a picture shown.
 */
const swallowed = [0, 1, 2, 8, 9, 52, 99, 777, 1337] as const

export function swallowEscapes({ parser }: Pick<Terminal, 'parser'>): void {
  for (const id of swallowed) parser.registerOscHandler(id, () => true)
}

/** What a program may have left on when its connection was lost: mouse, marked pastes, a hidden cursor, colours. */
const modesOff =
  '\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1004l\u001b[?2004l\u001b[?25h\u001b[!p\u001b[0m'

/** Leads back to where lines follow lines; to leave a screen that is not open would move the cursor to the top. */
export const restoreTerminal = ({ buffer }: Pick<Terminal, 'buffer'>): string =>
  `${buffer.active.type === 'alternate' ? '\u001b[?1049l' : ''}${modesOff}`
