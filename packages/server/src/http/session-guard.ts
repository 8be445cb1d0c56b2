import type { Caller, Services } from './handler.ts'

/** How often the store is asked whether the session was closed. */
const askMs = 1_500
/** For so long what is open goes on although that cannot be found out. */
const unsureMs = 10_000

/**
 * Why what a caller has open must end now; undefined while it may go on. To be asked each second: what memory knows is
 * known at once, and no store that hangs holds that up. What asks for rights each time need not end with a role.
 */
export function createSessionGuard(
  { sessions, deps: { clock } }: Pick<Services, 'sessions' | 'deps'>,
  caller: Caller,
  { endsWithRole = true }: { readonly endsWithRole?: boolean } = {},
): () => string | undefined {
  let sureAt = clock.elapsed()
  let asking = false
  let closed = false

  const ask = async (): Promise<void> => {
    asking = true
    const at = clock.elapsed()
    try {
      closed = (await sessions.stillOpen(caller.tokenHash)) === undefined
      sureAt = at
    } catch {
      // asked again, and not for ever
    } finally {
      asking = false
    }
  }

  return () => {
    const person = sessions.recall(caller)
    if (person === undefined || closed) return 'The session is over'
    const has = new Set(person.identity.groups)
    if (endsWithRole && caller.identity.groups.some((group) => !has.has(group))) return 'A role was taken away'
    const unsure = clock.elapsed() - sureAt
    if (!asking && unsure >= askMs) void ask()
    return unsure > unsureMs ? 'Whether the session is still open is not known' : undefined
  }
}
