import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { useMutation } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { visibleText } from '../components/visible-text.ts'
import { DifferenceList } from '../difference/difference-list.tsx'
import { reverseChange } from '../difference/reverse-change.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { refreshRelease, useReleaseDifference } from '../query/use-releases.ts'
import { useSession } from '../query/use-session.ts'
import { contentOf, findApproval, meantApproval } from './asked-approval.ts'
import { askOnly, onlyOf, type TargetName } from './difference-part.ts'
import { Irreversible } from './irreversible.tsx'
import { SetTable } from './set-table.tsx'
import { irreversibleMigrations, type StepPlace } from './step-place.ts'

interface ApproveReleaseProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail | undefined
  readonly place: StepPlace | undefined
  readonly onClose: () => void
}

/** Says yes or no to exactly what is shown: the answer names the digest that came with the difference. */
export function ApproveRelease({ detail, run, place, onClose }: ApproveReleaseProps) {
  const { t } = useText()
  const { data: session } = useSession()
  const [note, setNote] = useState('')
  // what is approved does not change under the eyes
  const [meant] = useState(() => meantApproval(run, place))
  const asked = findApproval(meant, run, detail)
  const step = asked.of === 'step' ? asked.step : undefined
  const { targets } = contentOf(detail, asked, undefined)
  const difference = useReleaseDifference(detail, targets === undefined ? {} : askOnly(targets))
  const { data } = difference
  const { back, digest, writers } = contentOf(detail, asked, data)
  const here = <T extends TargetName>(items: readonly T[]) => (targets === undefined ? items : onlyOf(items, targets))
  const give = useMutation({
    mutationFn: ({ decision, shown }: { decision: 'Approved' | 'Rejected'; shown: string }) =>
      api.approvals.give({
        params: { project: detail.project },
        body: {
          release: detail.name,
          digest: shown,
          decision,
          ...(note.trim() === '' ? {} : { note: note.trim() }),
          ...(asked.of === 'step'
            ? { rollout: asked.run.name, stage: asked.step.place.stage, step: asked.step.view.name }
            : {}),
        },
      }),
    onSuccess(_, { decision }) {
      notify(decision === 'Approved' ? t.releases.approvedNow(detail.name) : t.releases.refusedNow(detail.name))
      refreshRelease(detail.project, detail.name)
      onClose()
    },
  })
  const own = writers.some(({ name }) => name === session?.person.name)
  const held = digest === undefined || asked.of === 'over'
  const decide = (decision: 'Approved' | 'Rejected') => () => {
    if (digest !== undefined && asked.of !== 'over') give.mutate({ decision, shown: digest })
  }
  const sends = (decision: 'Approved' | 'Rejected'): boolean => give.isPending && give.variables.decision === decision
  return (
    <Modal
      open
      title={back ? t.releases.approveBackTitle(detail.name) : t.releases.approveTitle(detail.name)}
      onCancel={onClose}
      footer={null}
      width={780}
    >
      <div className="form">
        <div>
          {asked.of === 'release' && t.releases.approveLeadWhole}
          {asked.of === 'over' && (
            <div className="note" role="status">
              {t.releases.approveOver}
            </div>
          )}
          {step !== undefined &&
            (step.view.phase === 'Failed' ? t.releases.approveAfterAll : t.releases.approveLead)(
              step.view.name,
              step.place.stage,
            )}
          {step?.view.phase === 'Failed' && step.view.message !== undefined && (
            <div className="note">{visibleText(step.view.message)}</div>
          )}
          {step?.view.approval !== undefined && (
            <div className="sub">
              {t.releases.approveGiven(step.view.approval.given.length, step.view.approval.count)} ·{' '}
              {t.releases.approveWho(visibleText(step.view.approval.who))}
            </div>
          )}
        </div>
        {own && <div className="note">{back ? t.releases.approveOwnBack : t.releases.approveOwn}</div>}
        <Irreversible names={irreversibleMigrations(detail, run)} />
        <div className="row wrap">
          <b>{t.releases.approveWhat}</b>
          {digest !== undefined && (
            <span className="chip digest" title={digest}>
              {t.releases.digest(shortVersion(digest))}
            </span>
          )}
          {data !== undefined && (
            <span className="sub">
              {t.releases.say.frozenChanges(
                here(data.targets).reduce((sum, { added, changed, removed }) => sum + added + changed + removed, 0),
                here(data.targets).length,
              )}
            </span>
          )}
        </div>
        {difference.isPending && <SkeletonRows rows={4} />}
        {difference.isError && <Problem error={difference.error} />}
        {data !== undefined && (
          <div
            className="in-dialog"
            role="region"
            aria-label={back ? t.releases.rollBackDifference : t.releases.differenceFrozen}
            tabIndex={0}
          >
            <SetTable
              changes={data.components}
              before={back ? t.releases.before : t.releases.beforeFrozen}
              after={back ? t.releases.rollBackTo : detail.name}
              back={back}
            />
            <DifferenceList
              items={back ? here(data.items).map(reverseChange) : data.items}
              showCluster
              words={t.releases.changeOf}
            />
            {data.truncated && <div className="panel-empty">{t.releases.differenceCut}</div>}
          </div>
        )}
        <Field
          label={t.releases.noteOptional}
          maxLength={1024}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {give.error !== null && <Problem error={give.error} />}
        <div className="row">
          <span className="push" />
          <Button onClick={onClose}>{t.shell.cancel}</Button>
          <Button danger disabled={held} loading={sends('Rejected')} onClick={decide('Rejected')}>
            {t.releases.approveReject}
          </Button>
          <Button type="primary" disabled={held} loading={sends('Approved')} onClick={decide('Approved')}>
            {t.releases.approveSubmit}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
