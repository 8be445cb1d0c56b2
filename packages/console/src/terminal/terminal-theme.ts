import type { ITheme } from '@xterm/xterm'
import { palettes } from '../theme/tokens.ts'

/** The sixteen colours of a terminal, on the surface of the dock. */
export function terminalTheme(mode: 'light' | 'dark'): ITheme {
  const { surface, text, muted, faint, accent, accentSoft, failed, healthy, degraded, progressing, suspended } =
    palettes[mode]
  const cyan = mode === 'light' ? '#0f6b77' : '#5cc8d4'
  return {
    background: surface,
    foreground: text,
    cursor: accent,
    cursorAccent: surface,
    selectionBackground: accentSoft,
    black: mode === 'light' ? text : faint,
    red: failed,
    green: healthy,
    yellow: degraded,
    blue: progressing,
    magenta: suspended,
    cyan,
    white: mode === 'light' ? faint : text,
    brightBlack: muted,
    brightRed: failed,
    brightGreen: healthy,
    brightYellow: degraded,
    brightBlue: progressing,
    brightMagenta: suspended,
    brightCyan: cyan,
    brightWhite: text,
  }
}
