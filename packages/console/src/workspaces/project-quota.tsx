import type { ProjectDetail } from '@flotilla/api'
import { nanosOf } from '@flotilla/model/quantity'
import { mostOf, sumOf } from '@flotilla/model/quota-figures'
import { useText } from '../i18n/text.ts'
import { useClusters } from '../query/use-fleet.ts'
import { useWorkspace } from '../query/use-tenants.ts'
import { quotaFields } from './amount-fields.ts'
import { describeChoice } from './describe-choice.ts'
import { QuotaDialog } from './quota-dialog.tsx'
import { ownTargets, type SpecTarget } from './own-targets.ts'

/** What a project may use, in all and in each of its targets, within what its workspace has left. */
export function ProjectQuota({ detail, onClose }: { detail: ProjectDetail; onClose: () => void }) {
  const { t } = useText()
  const workspace = useWorkspace(detail.workspace)
  const { data: clusters = [] } = useClusters()
  const { hard = {}, granted, targets = [] } = detail.quota ?? {}
  const bounds = workspace.data?.quota
  const resources = [
    ...new Set([
      ...quotaFields.map(({ resource }) => resource),
      ...Object.keys(hard),
      ...Object.keys(bounds?.hard ?? {}),
    ]),
  ]
  if (workspace.isPending) return null
  const most = new Map(
    resources.flatMap((resource) => {
      const nanos = nanosOf(mostOf(resource, bounds, granted))
      return nanos === undefined ? [] : [[resource, nanos] as const]
    }),
  )
  return (
    <QuotaDialog
      kind="Project"
      name={detail.name}
      workspace={detail.workspace}
      resources={resources}
      most={most}
      taken={sumOf(targets.map(({ used }) => used))}
      targetsOf={(spec) =>
        ownTargets(spec, detail, clusters).map((own, index) => {
          const rule: SpecTarget = own.rule
          const said = targets.filter((one) =>
            own.targets.some((at) => at.cluster === one.cluster && at.namespace === one.namespace),
          )
          return {
            name: `${index + 1}. ${rule.environment ?? rule.namespace ?? ''} ${describeChoice(rule.clusters, t.workspaces.allClusters)}`.replace(
              '  ',
              ' ',
            ),
            namespaces: own.targets.length,
            used: sumOf(said.map(({ used }) => used)),
          }
        })
      }
      onClose={onClose}
    />
  )
}
