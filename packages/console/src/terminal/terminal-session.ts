import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { visibleText } from '../components/visible-text.ts'
import type { Dictionary } from '../i18n/en.ts'
import { shape } from '../theme/tokens.ts'
import { openSocket } from './browser-socket.ts'
import { execPath, podPath, type ShellName, type ShellPlace } from './exec-address.ts'
import { keepShell, type Shell, type ShellState } from './keep-shell.ts'
import { forgetKubeToken, kubeToken } from './kube-token.ts'
import { readContainers } from './read-containers.ts'
import { restoreTerminal, swallowEscapes } from './safe-escapes.ts'
import { readRefusal, type Refusal } from './shell-end.ts'
import { pastable, whereKeyGoes } from './terminal-keys.ts'
import { terminalTheme } from './terminal-theme.ts'
import { waitFor } from './wait-for.ts'

/** What is shown around the terminal. */
export interface SessionView {
  readonly place: ShellPlace
  /** Empty while it is not known, or not for the reader to know. */
  readonly containers: readonly string[]
  readonly state: ShellState
}

export interface TerminalSession {
  readonly view: SessionView
  subscribe(listener: () => void): () => void
  /** Shows it there until it is called off; what it says meanwhile is kept. */
  attach(parent: HTMLElement): () => void
  /** Ends the shell that is there, and opens one there. */
  choose(change: { readonly container?: string; readonly shell?: ShellName }): void
  again(): void
  /** In which language it speaks of itself. */
  speak(words: Dictionary['terminal']): void
  paint(mode: 'light' | 'dark'): void
  focus(): void
  dispose(): void
}

const scrollback = 5_000
const aliveMs = 5_000

/** A terminal with its shell, apart from the screen: it goes on while one looks at something else. */
export function createTerminalSession(
  at: Pick<ShellPlace, 'cluster' | 'namespace' | 'pod'>,
  words: Dictionary['terminal'],
  onLeave: () => void,
): TerminalSession {
  const terminal = new Terminal({
    fontFamily: shape.mono,
    fontSize: shape.fontSize,
    lineHeight: 1.2,
    scrollback,
    cursorBlink: true,
    // a colour that a program chose for another background stays readable
    minimumContrastRatio: 4.5,
    macOptionIsMeta: true,
    screenReaderMode: false,
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  swallowEscapes(terminal)
  const ending = new AbortController()
  const listeners = new Set<() => void>()
  let view: SessionView = {
    place: { ...at, shell: 'auto' },
    containers: [],
    state: { state: 'connecting' },
  }
  let says = words
  let shell: Shell | undefined
  let current = new AbortController()
  let shellsBefore = 0
  let opened: HTMLElement | undefined

  const set = (change: Partial<SessionView>): void => {
    view = { ...view, ...change }
    for (const listener of listeners) listener()
  }
  /** Words of our own, below all that was shown so far. */
  const note = (text: string): void =>
    // what came before has to be read first: it may be what opened another screen
    terminal.write('', () =>
      terminal.write(`${restoreTerminal(terminal)}\r\n\u001b[2m— ${visibleText(text)} —\u001b[0m\r\n`),
    )

  const onState = (state: ShellState): void => {
    if (state.state === 'open' && shellsBefore++ > 0) note(says.newShell)
    // once for each loss, not for each attempt after it
    if (state.state === 'waiting' && view.state.state === 'open') note(says.lost(state.message))
    if (state.state === 'waiting' && state.message === undefined) forgetKubeToken()
    if (state.state === 'ended') note(says.ended(state.code))
    set({ state })
  }

  async function start(): Promise<void> {
    current.abort()
    const mine = (current = new AbortController())
    const signal = AbortSignal.any([ending.signal, mine.signal])
    set({ state: { state: 'connecting' } })
    if (view.place.container === undefined) {
      const containers = await listContainers(view.place, signal).catch(() => [])
      if (signal.aborted) return
      set({ containers, place: { ...view.place, container: containers[0] } })
    }
    const path = execPath(view.place)
    shell = keepShell({
      token: kubeToken,
      connect: (protocols) => openSocket(path, protocols),
      explain: (token, stop) => explain(path, token, stop),
      alive,
      size: () => ({ columns: terminal.cols, rows: terminal.rows }),
      onOutput: (bytes) => terminal.write(bytes),
      onState: (state) => {
        if (!signal.aborted) onState(state)
      },
      wait: waitFor,
      now: () => performance.now(),
      random: Math.random,
      signal,
    })
    await shell.done
  }

  terminal.onData((text) => {
    const { state } = view.state
    if (state === 'ended' && text === '\r') return session.again()
    if (state === 'open') shell?.type(text)
  })
  terminal.onResize(({ cols, rows }) => shell?.resize({ columns: cols, rows }))
  terminal.attachCustomKeyEventHandler((event) => {
    const goes = whereKeyGoes(event, terminal.hasSelection())
    if (goes === 'copy') {
      // the browser copies by itself, but for the key that opens its developer tools
      if (event.shiftKey) {
        event.preventDefault()
        void navigator.clipboard?.writeText(terminal.getSelection())
      }
      // with nothing marked the next Ctrl-C interrupts
      setTimeout(() => terminal.clearSelection())
    }
    if (goes === 'leave') {
      event.preventDefault()
      terminal.blur()
      onLeave()
    }
    // the palette and one-letter keys of the page are not for whoever types here
    if (goes === 'shell') event.stopPropagation()
    return goes === 'shell'
  })
  const look = (): void => shell?.look()
  addEventListener('offline', look)
  addEventListener('online', look)

  const session: TerminalSession = {
    get view() {
      return view
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    attach: (parent) => {
      if (opened === undefined) {
        opened = document.createElement('div')
        opened.className = 'terminal-screen'
        parent.append(opened)
        terminal.open(opened)
        terminal.textarea?.setAttribute('aria-label', says.input)
        opened.addEventListener('paste', (event) => pasteClean(event, terminal), { capture: true })
        void start()
      } else parent.append(opened)
      const measure = (): void => {
        if (parent.clientHeight > 0) fit.fit()
      }
      const observer = new ResizeObserver(measure)
      observer.observe(parent)
      measure()
      terminal.focus()
      return () => {
        observer.disconnect()
        opened?.remove()
      }
    },
    choose: (change) => {
      set({ place: { ...view.place, ...change } })
      void start()
      terminal.focus()
    },
    again: () => {
      void start()
      terminal.focus()
    },
    speak: (next) => {
      says = next
      terminal.textarea?.setAttribute('aria-label', next.input)
    },
    paint: (mode) => {
      terminal.options.theme = terminalTheme(mode)
    },
    focus: () => terminal.focus(),
    dispose: () => {
      ending.abort()
      removeEventListener('offline', look)
      removeEventListener('online', look)
      terminal.dispose()
      opened?.remove()
    },
  }
  return session
}

async function listContainers(place: ShellPlace, signal: AbortSignal): Promise<string[]> {
  const authorization = `Bearer ${await kubeToken(signal)}`
  const answer = await fetch(podPath(place), { headers: { authorization }, signal, credentials: 'omit' })
  return answer.ok ? readContainers(await answer.json()) : []
}

/** Browsers do not tell why a WebSocket was refused; the same request without one is refused with the reason. */
async function explain(path: string, token: string, signal: AbortSignal): Promise<Refusal | undefined> {
  try {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(path, { headers, signal, credentials: 'omit' })
    return readRefusal(answer.status, await answer.text())
  } catch {
    return undefined
  }
}

async function alive(signal: AbortSignal): Promise<boolean> {
  try {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(aliveMs)])
    await fetch('/healthz', { signal: stop, cache: 'no-store', credentials: 'omit' })
    return true
  } catch {
    return false
  }
}

function pasteClean(event: ClipboardEvent, terminal: Terminal): void {
  const text = event.clipboardData?.getData('text/plain') ?? ''
  event.preventDefault()
  event.stopPropagation()
  terminal.paste(pastable(text))
}
