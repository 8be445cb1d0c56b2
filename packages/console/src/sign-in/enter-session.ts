import type { SessionView } from '@flotilla/api'
import { closeDock } from '../dock/dock-store.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'

const lastPerson = 'flotilla.person'

/** A session has begun in this browser. Another person's data must not show through. */
export function enterSession(session: SessionView): void {
  if (queryClient.getQueryData(keys.session) === undefined) queryClient.clear()
  if (session.person.name !== sessionStorage.getItem(lastPerson)) closeDock()
  sessionStorage.setItem(lastPerson, session.person.name)
  queryClient.setQueryData(keys.session, session)
}
