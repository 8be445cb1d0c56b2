import { Button } from 'antd'
import { Problem } from '../components/problem.tsx'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { useAccess } from '../query/use-access.ts'
import { useVerification, useVerify } from '../query/use-audit.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** Whether the chain is as it was written; for who reads all of it. */
export function Verification() {
  const { t, f } = useText()
  const [may] = useAccess([{ verb: 'audit', resource: 'memberships' }])
  const allowed = may?.allowed === true
  const { data } = useVerification(allowed)
  const verify = useVerify()
  if (!allowed) return null
  const look = data === null || data === undefined ? undefined : data.state === 'intact' ? 'healthy' : 'failed'
  const { compared = 0, unknown } = data?.anchors ?? {}
  const anchors =
    unknown !== undefined
      ? t.audit.unanchored
      : compared === 0
        ? t.audit.noAnchors
        : t.audit.anchored(f.number(compared))
  return (
    <div className="sentence audit-verification">
      {data !== null && data !== undefined && look !== undefined && (
        <span role="status">
          <span className="status">
            <StatusIcon look={look} />
            <span className={look}>
              {data.state === 'intact' ? t.audit.intact(f.number(data.records)) : t.audit.broken}
            </span>
          </span>{' '}
          {data.found !== undefined && <strong>{data.found.what}</strong>}{' '}
          <span className="muted">
            {anchors} · {t.audit.verifiedAt} <Time at={data.at} />
          </span>
        </span>
      )}
      <Button size="small" loading={verify.isPending} onClick={() => verify.mutate()}>
        {verify.isPending ? t.audit.verifying : t.audit.verify}
      </Button>
      {verify.isError && <Problem error={verify.error} />}
    </div>
  )
}
