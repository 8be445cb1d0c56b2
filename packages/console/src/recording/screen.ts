import { Terminal } from '@xterm/xterm'
import { swallowEscapes } from '../terminal/safe-escapes.ts'
import { terminalTheme } from '../terminal/terminal-theme.ts'
import { shape } from '../theme/tokens.ts'
import { passedAt, stepsOf, type Timeline } from './timeline.ts'

/** A screen that shows a recording as it was at any time. */
export interface Screen {
  /** Shows it as it was then. What is asked meanwhile is done after. */
  showAt(seconds: number): void
  paint(mode: 'light' | 'dark'): void
  dispose(): void
}

export function createScreen(parent: HTMLElement, timeline: Timeline, label: string): Screen {
  const { width, height } = timeline.header
  const size = (length: number): number => Math.min(500, Math.max(1, length))
  const terminal = new Terminal({
    cols: size(width),
    rows: size(height),
    fontFamily: shape.mono,
    fontSize: 12,
    disableStdin: true,
    cursorBlink: false,
    minimumContrastRatio: 4.5,
    scrollback: 1_000,
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
  })
  swallowEscapes(terminal)
  terminal.open(parent)
  terminal.textarea?.setAttribute('aria-label', label)
  terminal.textarea?.setAttribute('tabindex', '-1')
  let shown = 0
  let wanted = 0
  let working = false
  const gone = new AbortController()

  const write = (text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve))

  async function work(): Promise<void> {
    if (working) return
    working = true
    while (shown !== wanted && !gone.signal.aborted) {
      const until = wanted
      if (until < shown) {
        terminal.reset()
        terminal.resize(size(width), size(height))
        shown = 0
      }
      for (const step of stepsOf(timeline.events.slice(shown, until))) {
        if (gone.signal.aborted) return
        // a size holds for what comes after it, and a text is not there before it was written
        if (step.kind === 'text') await write(step.text)
        else terminal.resize(step.columns, step.rows)
      }
      shown = until
    }
    working = false
  }

  return {
    showAt: (seconds) => {
      wanted = passedAt(timeline, seconds)
      void work()
    },
    paint: (mode) => {
      terminal.options.theme = terminalTheme(mode)
    },
    dispose: () => {
      gone.abort()
      terminal.dispose()
    },
  }
}
