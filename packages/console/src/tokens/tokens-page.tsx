import type { TokenRow } from '@flotilla/api'
import { useState } from 'react'
import { allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { useTokens } from '../query/use-tokens.ts'
import { Page } from '../shell/page.tsx'
import { AddToken } from './add-token.tsx'
import '../styles/table.css'

/** One's own API tokens. */
export function TokensPage() {
  const text = useText()
  const { t } = text
  const [adding, setAdding] = useParam('add')
  const [leaving, setLeaving] = useState<TokenRow>()
  const tokens = useTokens()
  return (
    <Page
      crumbs={[{ text: t.tokens.title }]}
      title={t.tokens.title}
      sentence={<p className="say">{t.tokens.lead}</p>}
      actions={
        <ActionButton
          action={{ id: 'tokens.add', label: t.tokens.add, may: allowed, primary: true, run: () => setAdding('1') }}
        />
      }
    >
      <div className="panel list-panel">
        {tokens.isPending && <SkeletonRows rows={3} />}
        {tokens.isError && <Problem error={tokens.error} />}
        {tokens.data?.length === 0 && <EmptyState title={t.tokens.none} />}
        {tokens.data !== undefined && tokens.data.length > 0 && (
          <DataTable
            label={t.tokens.table}
            rows={tokens.data}
            columns={columns(text, setLeaving)}
            keyOf={({ id }) => id}
          />
        )}
      </div>
      {adding !== '' && <AddToken onClose={() => setAdding('')} />}
      {leaving !== undefined && (
        <Confirm
          title={t.tokens.revokeTitle(leaving.name)}
          lead={t.tokens.revokeLead}
          submit={t.tokens.revoke}
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await api.tokens.revoke({ params: { token: leaving.id } })
            await tokens.refetch()
            notify(t.tokens.revoked(leaving.name))
          }}
        />
      )}
    </Page>
  )
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
