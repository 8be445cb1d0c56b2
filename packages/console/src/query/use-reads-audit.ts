import { useAccess } from './use-access.ts'
import { useSession } from './use-session.ts'

/** Whether there is an audit for the reader: of the platform, or of a place that they look after. */
export function useReadsAudit(): boolean {
  const [may] = useAccess([{ verb: 'audit', resource: 'memberships' }])
  const { data } = useSession()
  return may?.allowed === true || data?.person.roles.some(({ role }) => role === 'admin') === true
}
