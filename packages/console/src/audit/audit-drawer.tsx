import type { AuditRecord } from '@flotilla/api'
import { Button, Drawer } from 'antd'
import { lazy, type ReactNode, Suspense } from 'react'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { useAuditRecord } from '../query/use-audit.ts'
import { AuditResultMark } from './audit-result.tsx'
import '../fleet/cluster-facts.css'

/** Brings the terminal along, which few records need. */
const RecordingDialog = lazy(async () => ({
  default: (await import('../recording/recording-dialog.tsx')).RecordingDialog,
}))

/** One record beside the list, with what it changed. */
export function AuditDrawer({ sequence, onClose }: { sequence: number; onClose: () => void }) {
  const { t, f } = useText()
  const record = useAuditRecord(sequence)
  return (
    <Drawer open title={t.audit.record(f.number(sequence))} onClose={onClose} size={620}>
      {record.isPending && <SkeletonRows />}
      {record.isError && (
        <Unreadable
          error={record.error}
          right={{ verb: 'audit', resource: 'memberships', scope: 'flotilla' }}
          onRetry={() => void record.refetch()}
        />
      )}
      {record.data === null && <EmptyState title={t.audit.gone} />}
      {record.data !== null && record.data !== undefined && (
        <>
          <Recorded record={record.data} />
          <Facts record={record.data} />
        </>
      )}
    </Drawer>
  )
}

/** Where a shell was recorded, the way to see it. */
function Recorded({ record }: { record: AuditRecord }) {
  const { t } = useText()
  const [playing, play] = useParam('play')
  const id = record.details?.['recording']
  if (typeof id !== 'string') return null
  return (
    <>
      <Button type="primary" onClick={() => play(id)}>
        {t.recording.open}
      </Button>
      <Suspense>{playing === id && <RecordingDialog id={id} onClose={() => play('')} />}</Suspense>
    </>
  )
}

function Facts({ record }: { record: AuditRecord }) {
  const { t, f } = useText()
  const { actor, target, changes = [], more } = record
  const where = [target.cluster, target.workspace, target.project, target.namespace]
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t.audit.when, <Time key="at" at={record.at} as="clock" />],
    [t.audit.who, actor.name === '' ? t.audit.nobody : visibleText(actor.name)],
    [t.audit.as, visibleText(actor.groups.join(', '))],
    [t.audit.address, visibleText(actor.address ?? '')],
    [t.audit.session, actor.session],
    [t.audit.source, t.audit.sources[record.source]],
    [t.audit.what, <code key="verb">{visibleText(record.verb)}</code>],
    [t.audit.of, visibleText([target.kind, target.name].filter((one) => one !== undefined).join(' '))],
    [t.audit.where, visibleText(where.filter((one) => one !== undefined).join(' / '))],
    [t.audit.result, <AuditResultMark key="result" result={record.result} />],
    [t.audit.status, record.status],
    [t.audit.why, visibleText([record.code, record.message].filter((one) => one !== undefined).join(': '))],
    [t.audit.took, record.durationMs === undefined ? '' : t.audit.took_ms(f.number(record.durationMs))],
  ]
  return (
    <div className="facts">
      <dl className="kv">
        {facts
          .filter(([, value]) => value !== '' && value !== undefined)
          .map(([name, value]) => (
            <Fact key={name} name={name} value={value} />
          ))}
      </dl>
      {record.details !== undefined && (
        <>
          <h3>{t.audit.details}</h3>
          <dl className="kv">
            {Object.entries(record.details).map(([name, value]) => (
              <Fact key={name} name={visibleText(name)} value={visibleText(String(value))} />
            ))}
          </dl>
        </>
      )}
      {changes.length > 0 && (
        <>
          <h3>{t.audit.changes}</h3>
          <Changes changes={changes} />
          {more !== undefined && <p className="sub">{t.audit.moreChanges(f.number(more))}</p>}
        </>
      )}
      <h3>{t.audit.hash}</h3>
      <code className="audit-hash">{record.hash}</code>
      <span className="sub">
        {t.audit.request} {record.request}
      </span>
    </div>
  )
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}

function Changes({ changes }: { changes: NonNullable<AuditRecord['changes']> }) {
  const { t } = useText()
  return (
    <table className="table audit-changes" aria-label={t.audit.changes}>
      <thead>
        <tr>
          <th>{t.audit.path}</th>
          <th>{t.audit.before}</th>
          <th>{t.audit.after}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, before, after }) => (
          <tr key={path}>
            <td className="wrap">
              <code>{visibleText(path)}</code>
            </td>
            <td className="wrap">{before === undefined ? '—' : <del>{visibleText(before)}</del>}</td>
            <td className="wrap">{after === undefined ? '—' : <ins>{visibleText(after)}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
