import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { refreshRelease } from '../query/use-releases.ts'
import { nameTargetsOf } from './name-targets.ts'
import { type Resolution, ResolveForm } from './resolve-form.tsx'
import { findUncertainHook } from './uncertain-hook.ts'
import { useAsk } from './use-ask.ts'

interface ResolveHookProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail
  readonly target: { readonly cluster: string; readonly namespace: string }
  readonly onClose: () => void
}

/** Nobody knows how a hook of a chart ended: a person looks, and says; the target that stopped at it is tried again then. */
export function ResolveHook({ detail, run, target: { cluster, namespace }, onClose }: ResolveHookProps) {
  const { t } = useText()
  const ask = useAsk(detail)
  const { project, application, name: rollout } = run
  const view = run.stages
    .flatMap(({ targets }) => targets)
    .find((one) => one.cluster === cluster && one.namespace === namespace)
  const hook = view && findUncertainHook(view)
  const where = nameTargetsOf(run)({ cluster, namespace })
  const what = [hook, where].filter((word) => word !== undefined).join(' · ')
  const again = ask(
    () => api.rollouts.retry({ params: { project, rollout }, body: { cluster, namespace } }),
    t.releases.retriedNow(where),
  )
  const send = useMutation({
    mutationFn: async ({ outcome, reason }: Resolution) =>
      await api.applications.resolveHook({
        params: { project, application },
        body: { cluster, namespace, hook, outcome, reason },
      }),
    onSuccess() {
      notify(t.releases.resolvedNow(what))
      refreshRelease(detail.project, detail.name)
      onClose()
      void again()
    },
  })
  return (
    <ResolveForm
      what={what}
      said={view?.message}
      hints={{ Succeeded: t.releases.resolveHookSucceededHint, Failed: t.releases.resolveHookFailedHint }}
      held={hook === undefined}
      running={send.isPending}
      error={send.error}
      onSubmit={(outcome, reason) => send.mutate({ outcome, reason })}
      onClose={onClose}
    />
  )
}
