import type { PlanCheck, PlanRow, ReleaseDetail } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Findings } from '../app/findings.tsx'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { Problem } from '../components/problem.tsx'
import { SelectField } from '../components/select-field.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { api } from '../query/api.ts'
import { refreshRelease } from '../query/use-releases.ts'
import { usePlanCheck, usePlans } from '../query/use-rollouts.ts'
import { ChooseTargets, targetWord } from './choose-targets.tsx'
import { Irreversible } from './irreversible.tsx'
import { nameTargetsOf } from './name-targets.ts'
import { releaseAddress } from './release-address.ts'

/** Sends a frozen release out by a plan. What stands against it is said before it can be started. */
export function StartRelease({ detail, onClose }: { detail: ReleaseDetail; onClose: () => void }) {
  const { t, f } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { project, name: release, digest } = detail
  const plans = usePlans(project)
  const [asked, setPlan] = useState('')
  const [reason, setReason] = useState('')
  const [part, setPart] = useState<ReadonlySet<string>>()
  // a project with one plan has nothing to choose
  const plan = asked === '' && plans.data?.length === 1 ? (plans.data[0]?.name ?? '') : asked
  const targets =
    part &&
    detail.targetList
      .filter((target) => part.has(targetWord(target)))
      .map(({ cluster, namespace }) => ({ cluster, namespace }))
  const noneChosen = targets?.length === 0
  const check = usePlanCheck(project, noneChosen ? '' : plan, {
    release,
    ...(targets === undefined ? {} : { targets }),
  })
  const chosen = plans.data?.find(({ name }) => name === plan)
  const used = new Set(check.data?.stages.filter((stage) => stage.targets.length > 0).map(({ name }) => name))
  const irreversible = [
    ...detail.migrations.filter(({ reversible }) => !reversible),
    ...(chosen?.stages ?? [])
      .filter(({ name }) => used.has(name))
      .flatMap(({ steps }) => steps.filter(({ reversible }) => reversible === false)),
  ].map(({ name }) => name)
  const errors = check.data?.findings.filter(({ severity }) => severity === 'Error') ?? []
  const start = useMutation({
    mutationFn: () =>
      api.rollouts.start({
        params: { project },
        body: {
          release,
          plan,
          ...(digest === undefined ? {} : { digest }),
          ...(targets === undefined ? {} : { targets }),
          ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
        },
      }),
    onSuccess(run) {
      notify(t.releases.startedNow(release))
      refreshRelease(project, release)
      // one step to the run: closing the dialog beside it would write the address of before over it
      void navigate(carry(releaseAddress({ project, name: release, run: run.name })))
    },
  })
  return (
    <FormDialog
      title={t.releases.startTitle(release)}
      submit={t.releases.startSubmit}
      width={640}
      running={start.isPending}
      held={noneChosen || check.data === undefined || check.isFetching || errors.length > 0}
      error={start.error ?? plans.error}
      onSubmit={() => start.mutate()}
      onClose={onClose}
    >
      {plans.data?.length === 0 && <div className="note">{t.releases.noPlans}</div>}
      <SelectField
        label={t.releases.plan}
        {...(chosen?.description === undefined ? {} : { hint: visibleText(chosen.description) })}
        value={plan}
        onChange={(event) => setPlan(event.target.value)}
      >
        <option value="">{t.releases.choosePlan}</option>
        {plans.data?.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
      {detail.targetList.length > 1 && <ChooseTargets targets={detail.targetList} chosen={part} onChange={setPart} />}
      {noneChosen && <div className="sub">{t.releases.startNone}</div>}
      {check.isFetching && <div className="sub">{t.releases.checking}</div>}
      {check.isError && <Problem error={check.error} />}
      {check.data !== undefined && !noneChosen && (
        <>
          <div role="status">
            {errors.length > 0 ? (
              <b className="failed">{t.releases.checkRefused}</b>
            ) : (
              check.data.findings.length === 0 && <span className="muted">{t.releases.checkFine}</span>
            )}
          </div>
          <Findings findings={check.data.findings} />
          <PlanStages check={check.data} plan={chosen} />
          <Irreversible names={irreversible} />
          {targets !== undefined && <div className="sub">{t.releases.startRest}</div>}
          {check.data.left.length > 0 && (
            <div className="sub">{t.releases.leftOut(f.list(check.data.left.map(nameTargetsOf(check.data))))}</div>
          )}
        </>
      )}
      <Field
        label={t.releases.whyOptional}
        maxLength={1024}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}

/** More targets of a stage than this are counted. */
const mostNamed = 6

function PlanStages({ check, plan }: { check: PlanCheck; plan: PlanRow | undefined }) {
  const { t, f } = useText()
  return (
    <ol className="plan-stages in-dialog short" aria-label={t.releases.stages}>
      {check.stages.map(({ name, targets }, index) => {
        const planned = plan?.stages.find((stage) => stage.name === name)?.steps ?? []
        const holds = check.stages.slice(index + 1).some((later) => later.targets.length > 0)
        // without targets only its approvals are asked, as far as anything comes after them
        const approvals = holds ? planned.filter(({ type, at }) => type === 'approval' && !at.startsWith('each')) : []
        const steps = targets.length > 0 ? planned : approvals
        return (
          <li key={name}>
            {index + 1}. <b>{name}</b>{' '}
            <span className="muted">
              {targets.length === 0 && t.releases.stageNone}
              {targets.length > mostNamed
                ? t.releases.targetCount(targets.length)
                : f.list(targets.map(nameTargetsOf(check)))}
            </span>
            {steps.length > 0 && (
              <div className="sub">
                {steps
                  .map((step) => (step.reversible === undefined ? step.name : `${step.name} (${t.rollouts.migration})`))
                  .join(' · ')}
              </div>
            )}
          </li>
        )
      })}
    </ol>
  )
}
