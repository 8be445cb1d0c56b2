import type { TokenRow } from '@flotilla/api'
import { Button, Modal } from 'antd'
import { useState } from 'react'
import { Confirm } from '../components/confirm.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import type { RolePlace } from '../members/role-place.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { useTokensOf } from '../query/use-tokens.ts'
import { AddToken } from '../tokens/add-token.tsx'
import { TokenTable } from '../tokens/token-table.tsx'

interface AccountTokensProps {
  readonly account: string
  readonly place: RolePlace
  readonly onClose: () => void
}

/** Tokens of a service account: what opens what, since when it was not used; a new one is shown once. */
export function AccountTokens({ account, place, onClose }: AccountTokensProps) {
  const { t } = useText()
  const tokens = useTokensOf(account)
  const [adding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<TokenRow>()
  return (
    <>
      <Modal open title={t.accounts.tokensOf(account)} onCancel={onClose} footer={null} width={760} destroyOnHidden>
        {tokens.isPending && <SkeletonRows rows={2} />}
        {tokens.isError && <Problem error={tokens.error} />}
        {tokens.data?.length === 0 && <div className="panel-empty">{t.accounts.noTokens}</div>}
        {tokens.data !== undefined && tokens.data.length > 0 && (
          <TokenTable label={t.accounts.tokensOf(account)} rows={tokens.data} onRevoke={setLeaving} />
        )}
        <div className="row account-actions">
          <span className="push" />
          <Button onClick={onClose}>{t.tokens.done}</Button>
          <Button type="primary" onClick={() => setAdding(true)}>
            {t.tokens.add}
          </Button>
        </div>
      </Modal>
      {adding && (
        <AddToken
          account={account}
          {...(place.scope === 'project' ? { project: place.project } : {})}
          onClose={() => setAdding(false)}
        />
      )}
      {leaving !== undefined && (
        <Confirm
          title={t.tokens.revokeTitle(leaving.name)}
          lead={t.tokens.revokeLead}
          submit={t.tokens.revoke}
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await api.tokens.revoke({ params: { token: leaving.id }, query: { user: account } })
            await tokens.refetch()
            notify(t.tokens.revoked(leaving.name))
          }}
        />
      )}
    </>
  )
}
