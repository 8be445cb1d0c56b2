import '@xterm/xterm/css/xterm.css'
import { Button } from 'antd'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { EmptyState } from '../components/empty-state.tsx'
import { visibleText } from '../components/visible-text.ts'
import { type DockTab, openShell, type ShellOf } from '../dock/dock-store.ts'
import type { Dictionary } from '../i18n/en.ts'
import { useText } from '../i18n/text.ts'
import { useThemeMode } from '../preferences/use-preferences.ts'
import { type ShellName, shellNames } from './exec-address.ts'
import type { ShellState } from './keep-shell.ts'
import type { Refusal } from './shell-end.ts'
import { sessionOf } from './terminal-sessions.ts'
import './terminal.css'

/** Shift-Escape leads out of the terminal, to the tab that it is in. */
const leave = (): void => document.querySelector<HTMLElement>('.dock [role="tab"][aria-selected="true"]')?.focus()

/** A shell in a container, as oneself. */
export function TerminalView({ tab }: { tab: DockTab & { readonly shell: ShellOf } }) {
  const { t } = useText()
  const mode = useThemeMode()
  const body = useRef<HTMLDivElement>(null)
  const session = sessionOf(tab, t.terminal, leave)
  const { place, containers, state } = useSyncExternalStore(session.subscribe, () => session.view)

  // the terminal draws itself: it is outside of React
  useEffect(() => session.speak(t.terminal), [session, t])
  useEffect(() => session.paint(mode), [session, mode])
  useEffect(() => {
    const { current } = body
    return current === null ? undefined : session.attach(current)
  }, [session])

  const over = state.state === 'ended' || state.state === 'refused'
  return (
    <>
      <div className="terminal-state">
        <span role="status">{stateText(state, t.terminal)}</span>
        {over && (
          <Button size="small" onClick={() => session.again()}>
            {t.terminal.again}
          </Button>
        )}
        {containers.length > 1 && (
          <select
            className="input small"
            aria-label={t.terminal.container}
            value={place.container ?? ''}
            onChange={({ target }) => session.choose({ container: target.value })}
          >
            {containers.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <select
          className="input small"
          aria-label={t.terminal.shell}
          value={place.shell}
          onChange={({ target }) => session.choose({ shell: parseShell(target.value) })}
        >
          {shellNames.map((name) => (
            <option key={name} value={name}>
              {name === 'auto' ? t.terminal.auto : name}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="plain"
          aria-label={t.terminal.another}
          title={t.terminal.another}
          onClick={() => openShell(tab.shell, { another: true })}
        >
          +
        </button>
      </div>
      <div className="terminal-body">
        {state.state === 'refused' && (
          <div className="terminal-refusal" role="alert">
            <Why refusal={state.refusal} place={`${place.namespace} · ${place.cluster}`} container={place.container} />
          </div>
        )}
        <div className="terminal-host" ref={body} role="group" aria-label={t.terminal.screen(tab.shell.pod)} />
      </div>
    </>
  )
}

const parseShell = (text: string): ShellName => shellNames.find((name) => name === text) ?? 'auto'

function stateText(state: ShellState, words: Dictionary['terminal']): string {
  switch (state.state) {
    case 'connecting':
      return words.connecting
    case 'open':
      return words.open
    case 'waiting':
      return words.waiting(state.seconds)
    case 'ended':
      return words.ended(state.code)
    case 'refused':
      return words.refused
    default:
      return state satisfies never
  }
}

/** Why there is no shell: a missing right, a missing shell and a missing container are never mistaken for each other. */
function Why({ refusal, place, container }: { refusal: Refusal; place: string; container: string | undefined }) {
  const { t } = useText()
  const words = t.terminal
  switch (refusal.why) {
    case 'signed-out':
      return <EmptyState title={words.signedOut} hint={words.signedOutHint} />
    case 'forbidden': {
      const hint = `${t.empty.forbiddenHint('create', 'pods/exec', place)} ${t.empty.forbiddenWho(words.administrators)}`
      return (
        <EmptyState title={words.forbidden} hint={hint}>
          <span className="sub">{visibleText(refusal.message)}</span>
        </EmptyState>
      )
    }
    case 'no-shell':
      return <EmptyState title={words.noShell(container ?? '')} hint={words.noShellHint} />
    case 'no-pod':
      return <EmptyState title={words.noPod} hint={visibleText(refusal.message)} />
    case 'other':
      return <EmptyState title={words.notOpened} hint={visibleText(refusal.message)} />
    default:
      return refusal satisfies never
  }
}
