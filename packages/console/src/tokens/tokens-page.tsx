import type { TokenRow } from '@flotilla/api'
import { useState } from 'react'
import { allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { useTokens } from '../query/use-tokens.ts'
import { Page } from '../shell/page.tsx'
import { AddToken } from './add-token.tsx'
import { TokenTable } from './token-table.tsx'
import '../styles/table.css'

/** One's own API tokens. */
export function TokensPage() {
  const { t } = useText()
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
          <TokenTable label={t.tokens.table} rows={tokens.data} onRevoke={setLeaving} />
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
