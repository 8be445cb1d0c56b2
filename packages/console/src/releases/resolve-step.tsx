import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { refreshRelease } from '../query/use-releases.ts'
import { nameTargetsOf } from './name-targets.ts'
import { type Resolution, ResolveForm } from './resolve-form.tsx'
import { listSteps, placeWords, type StepPlace, writePlace } from './step-place.ts'

interface ResolveStepProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail
  readonly place: StepPlace
  readonly step: string
  readonly onClose: () => void
}

/** Nobody knows how a step ended: a person looks, and says. */
export function ResolveStep({ detail, run, place, step, onClose }: ResolveStepProps) {
  const { t } = useText()
  const what = placeWords(place, nameTargetsOf(run))
  const view = listSteps(run).find((one) => writePlace(one.place) === writePlace(place))?.view
  const send = useMutation({
    mutationFn: async ({ outcome, reason }: Resolution) =>
      await api.rollouts.resolve({
        params: { project: run.project, rollout: run.name },
        body: { stage: place.stage, ...place.target, step, outcome, reason },
      }),
    onSuccess() {
      notify(t.releases.resolvedNow(what))
      refreshRelease(detail.project, detail.name)
      onClose()
    },
  })
  return (
    <ResolveForm
      what={what}
      said={view?.message}
      hints={{ Succeeded: t.releases.resolveSucceededHint, Failed: t.releases.resolveFailedHint }}
      running={send.isPending}
      error={send.error}
      onSubmit={(outcome, reason) => send.mutate({ outcome, reason })}
      onClose={onClose}
    />
  )
}
