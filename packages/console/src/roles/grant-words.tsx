import type { RoleRow } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { deedOf, grantGroups } from './grant-groups.ts'

const wordOf = (words: Readonly<Record<string, string>>, key: string): string => words[key] ?? key

/** What a role may do, a line for each thing that it is about. */
export function GrantWords({ row }: { row: Pick<RoleRow, 'grants' | 'rules' | 'givesRoles'> }) {
  const { t } = useText()
  return (
    <ul className="grant-words">
      {row.givesRoles && <li>{t.roles.givesRoles}</li>}
      {grantGroups(row.grants).map(({ about, grants }) => (
        <li key={about}>
          <span className="muted">{wordOf(t.roles.about, about)}</span>{' '}
          {grants.map((grant) => wordOf(t.roles.deeds, deedOf(grant))).join(t.roles.comma)}
        </li>
      ))}
      {row.rules.map((rule) => (
        <li key={JSON.stringify(rule)}>
          <span className="muted">{t.roles.rule}</span>{' '}
          <code>
            {rule.verbs.join(', ')} {rule.resources.join(', ')}
          </code>
        </li>
      ))}
    </ul>
  )
}
