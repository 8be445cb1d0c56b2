import type { Dictionary } from '../i18n/en.ts'
import { type DockTab, listTabs, type ShellOf, subscribeDock } from '../dock/dock-store.ts'
import { createTerminalSession, type TerminalSession } from './terminal-session.ts'

const sessions = new Map<string, TerminalSession>()

/** The terminal of a tab of the dock; it lives until the tab is closed, seen or not. */
export function sessionOf(
  { id, shell }: DockTab & { readonly shell: ShellOf },
  words: Dictionary['terminal'],
  onLeave: () => void,
): TerminalSession {
  let session = sessions.get(id)
  if (session === undefined) sessions.set(id, (session = createTerminalSession(shell, words, onLeave)))
  return session
}

subscribeDock(() => {
  const open = new Set(listTabs().map(({ id }) => id))
  for (const [id, session] of sessions) {
    if (open.has(id)) continue
    sessions.delete(id)
    session.dispose()
  }
})

// Ctrl-W deletes a word in a shell and closes a tab of the browser, which no page can forbid
addEventListener('beforeunload', (event) => {
  if ([...sessions.values()].some(({ view }) => view.state.state === 'open')) event.preventDefault()
})
