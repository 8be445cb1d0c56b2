import type { TokenRow } from '@flotilla/api'
import { allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Time } from '../components/time.tsx'
import { type Text, useText } from '../i18n/text.ts'

interface TokenTableProps {
  readonly label: string
  readonly rows: readonly TokenRow[]
  readonly onRevoke: (row: TokenRow) => void
}

/** What each token opens, and until when. */
export function TokenTable({ label, rows, onRevoke }: TokenTableProps) {
  return <DataTable label={label} rows={rows} columns={columns(useText(), onRevoke)} keyOf={({ id }) => id} />
}

const columns = ({ t }: Text, onRevoke: (row: TokenRow) => void): Column<TokenRow>[] => [
  { id: 'name', title: t.tokens.name, render: ({ name }) => <b className="name">{name}</b> },
  { id: 'may', title: t.tokens.may, render: ({ access }) => (access === 'write' ? t.tokens.writes : t.tokens.reads) },
  {
    id: 'project',
    title: t.tokens.project,
    render: ({ project }) => project ?? <span className="muted">{t.tokens.everywhere}</span>,
  },
  {
    id: 'used',
    title: t.tokens.lastUse,
    render: ({ lastUsedAt }) => (
      <span className="muted">{lastUsedAt === undefined ? t.tokens.never : <Time at={lastUsedAt} />}</span>
    ),
  },
  { id: 'until', title: t.tokens.until, render: ({ expiresAt }) => <Time at={expiresAt} as="clock" /> },
  {
    id: 'revoke',
    title: '',
    end: true,
    render: (row) => (
      <ActionButton
        small
        action={{
          id: `tokens.revoke.${row.id}`,
          label: t.tokens.revoke,
          about: t.tokens.revokeOne(row.name),
          may: allowed,
          run: () => onRevoke(row),
        }}
      />
    ),
  },
]
