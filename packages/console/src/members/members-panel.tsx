import type { MemberRow } from '@flotilla/api'
import { allowed } from '../actions/action.ts'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useAccess } from '../query/use-access.ts'
import { useMembers } from '../query/use-tenants.ts'
import { AddMember } from './add-member.tsx'
import { MemberLine } from './member-line.tsx'
import { placeNamespace, placeQuery, type RolePlace } from './role-place.ts'
import '../styles/table.css'
import './members.css'

const keyOf = ({ scope, membership, user }: MemberRow): string => `${scope} ${membership} ${user}`

/** Who has which role in the platform, in a workspace or in a project, and who acts there by a role from above. */
export function MembersPanel({ place }: { place: RolePlace }) {
  const { t } = useText()
  const members = useMembers(place)
  const about = { resource: 'memberships', ...placeQuery(place) }
  const [mayGive = allowed, mayChange = allowed, mayRemove = allowed] = useAccess([
    { verb: 'create', ...about },
    { verb: 'update', ...about },
    { verb: 'delete', ...about },
  ])
  const rows = members.data ?? []
  const own = rows.filter(({ scope }) => scope === place.scope)
  return (
    <section className="panel members" aria-label={t.members.title}>
      <AddMember place={place} members={own} may={mayGive} />
      {members.isPending && <SkeletonRows rows={3} />}
      {members.isError && (
        <Unreadable
          error={members.error}
          right={{ verb: 'list', resource: 'memberships', scope: placeNamespace(place) }}
          onRetry={() => void members.refetch()}
        />
      )}
      {members.isSuccess && rows.length === 0 && (
        <EmptyState title={t.members.nobody} {...(mayGive.allowed ? { hint: t.members.nobodyHint } : {})} />
      )}
      {rows.length > 0 && (
        <div className="table-scroll">
          <table className="table" aria-label={t.members.table}>
            <thead>
              <tr>
                <th scope="col">{t.members.person}</th>
                <th scope="col">{t.members.role}</th>
                <th scope="col">{t.members.from}</th>
                <th scope="col">{t.members.since}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.members.remove}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <MemberLine
                  key={keyOf(row)}
                  row={row}
                  rows={rows}
                  place={place}
                  mayChange={mayChange}
                  mayRemove={mayRemove}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
