import { FlotillaError } from '@flotilla/model/errors'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { Problem } from './problem.tsx'

/** A place with nothing in it says which nothing it is. */
export function EmptyState({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {hint !== undefined && <p>{hint}</p>}
      {children !== undefined && <div className="row">{children}</div>}
    </div>
  )
}

interface Right {
  readonly verb: string
  readonly resource: string
  readonly scope: string
}

const rightCodes = new Set<string | undefined>(['auth.forbidden', 'kube.forbidden'])

/** Why nothing could be read: a missing right and a silent server are never mistaken for each other. */
export function Unreadable({ error, right, onRetry }: { error: unknown; right: Right; onRetry: () => void }) {
  const { t } = useText()
  const code = error instanceof FlotillaError ? error.code : undefined
  if (rightCodes.has(code)) {
    const { verb, resource, scope } = right
    const hint = `${t.empty.forbiddenHint(verb, resource, scope)} ${t.empty.forbiddenWho(t.empty.platformAdministrators)}`
    return <EmptyState title={t.empty.forbidden} hint={hint} />
  }
  if (code === 'server.unreachable') {
    return (
      <EmptyState title={t.empty.unreachable} hint={t.empty.unreachableHint}>
        <Button onClick={onRetry}>{t.empty.retry}</Button>
      </EmptyState>
    )
  }
  return (
    <div style={{ padding: 16 }}>
      <Problem error={error} />
    </div>
  )
}
