import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { Problem } from '../components/problem.tsx'
import { SelectField } from '../components/select-field.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { DifferenceList } from '../difference/difference-list.tsx'
import { reverseChange } from '../difference/reverse-change.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { api } from '../query/api.ts'
import { refreshRelease, useReleaseDifference } from '../query/use-releases.ts'
import { askOnly, onlyOf, type TargetName } from './difference-part.ts'
import { nameTargetsOf } from './name-targets.ts'
import { mayHave } from './offer-actions.ts'
import { releaseAddress } from './release-address.ts'
import { SetTable } from './set-table.tsx'

interface RollBackProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail
  readonly onClose: () => void
}

/** What is taken back: all that a run changed, one of its stages, or one target. */
function partOf(run: RolloutDetail, detail: ReleaseDetail, scope: string) {
  const [stage = '', cluster = '', namespace = ''] = scope.split('~')
  const targets = run.stages
    .flatMap((one) => one.targets)
    .filter((target) => mayHave(target, detail))
    .filter((target) => stage === '' || target.stage === stage)
    .filter((target) => cluster === '' || (target.cluster === cluster && target.namespace === namespace))
  const body = cluster !== '' ? { targets: [{ cluster, namespace }] } : stage !== '' ? { stages: [stage] } : {}
  return { targets, body }
}

/** Takes the whole set back, configuration included. What it goes back to is shown first. */
export function RollBack({ detail, run, onClose }: RollBackProps) {
  const { t, f } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { project, name: release } = detail
  const [scope, setScope] = useState('')
  const [reason, setReason] = useState('')
  const [force, setForce] = useState(false)
  const { targets, body } = partOf(run, detail, scope)
  const whole = partOf(run, detail, '').targets
  const nameOf = nameTargetsOf(run)
  const { irreversible } = run
  const start = useMutation({
    mutationFn: () =>
      api.rollouts.rollback({
        params: { project, rollout: run.name },
        body: { ...body, reason: reason.trim(), force },
      }),
    onSuccess(back) {
      notify(t.releases.rollingBack(release))
      refreshRelease(project, release)
      // one step to the run: closing the dialog beside it would write the address of before over it
      void navigate(carry(releaseAddress({ project, name: release, run: back.name })))
    },
  })
  // one that began a moment ago is known to the server first: what it refuses can be forced then
  const refused = start.error instanceof FlotillaError && start.error.code === 'request.conflict'
  const stages = run.stages.filter(({ name }) => whole.some(({ stage }) => stage === name))
  return (
    <FormDialog
      title={t.releases.rollBackTitle(release)}
      submit={t.releases.rollBackSubmit}
      width={780}
      running={start.isPending}
      held={reason.trim() === '' || targets.length === 0 || (irreversible.length > 0 && !force)}
      error={start.error}
      onSubmit={() => start.mutate()}
      onClose={onClose}
    >
      <SelectField label={t.releases.rollBackWhat} value={scope} onChange={(event) => setScope(event.target.value)}>
        <option value="">{`${t.releases.rollBackAll} (${t.releases.targetCount(whole.length)})`}</option>
        {stages.map(({ name }) => (
          <option key={name} value={name}>
            {t.releases.rollBackStage(name)}
          </option>
        ))}
        {whole.map(({ stage, cluster, namespace }) => (
          <option key={`${cluster}/${namespace}`} value={`${stage}~${cluster}~${namespace}`}>
            {t.releases.rollBackTarget(`${cluster}/${namespace}`)}
          </option>
        ))}
      </SelectField>
      {targets.length === 0 ? (
        <div className="note">{t.releases.rollBackEmpty}</div>
      ) : (
        <>
          <div>
            {t.releases.rollBackLead} {f.list(targets.slice(0, mostNamed).map(nameOf))}
            {targets.length > mostNamed && ` +${f.number(targets.length - mostNamed)}`}
          </div>
          <WhatGoesBack detail={detail} targets={targets} />
        </>
      )}
      <div className="sub">{t.releases.rollBackHold}</div>
      {(irreversible.length > 0 || refused) && (
        <label className="choice">
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
          <span>
            {irreversible.length === 0 ? t.releases.rollBackForce : t.releases.rollBackForceOf(f.list(irreversible))}
          </span>
          <span className="sub">
            {irreversible.length > 0 && !force && t.releases.rollBackForceNeeded} {t.releases.rollBackForceHint}
          </span>
        </label>
      )}
      <Field
        label={t.releases.because}
        maxLength={1024}
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}

const mostNamed = 8
/** The release's own difference, the other way round: a run begins only over the release's baseline, so it is exact. */
function WhatGoesBack({ detail, targets }: { detail: ReleaseDetail; targets: readonly TargetName[] }) {
  const { t, f } = useText()
  const difference = useReleaseDifference(detail, askOnly(targets))
  const before = [...new Set(detail.targetList.flatMap(({ baselineRelease }) => baselineRelease ?? []))]
  if (difference.isPending) return <SkeletonRows rows={4} />
  if (difference.isError) return <Problem error={difference.error} />
  const { components, items, truncated } = difference.data
  return (
    <div className="in-dialog" role="region" aria-label={t.releases.rollBackDifference} tabIndex={0}>
      <SetTable
        changes={components}
        before={t.releases.before}
        after={before.length === 0 ? t.releases.rollBackTo : `${t.releases.rollBackTo} ${f.list(before)}`}
        back
      />
      <DifferenceList items={onlyOf(items, targets).map(reverseChange)} showCluster words={t.releases.changeOf} />
      {truncated && <div className="panel-empty">{t.releases.differenceCut}</div>}
    </div>
  )
}
