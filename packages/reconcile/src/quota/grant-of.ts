import { formatQuantity, type Project, type Workspace } from '@flotilla/model'
import { type ProjectGrant, ungranted } from '../project/observed.ts'
import { amountsOf } from './amounts.ts'

/** What its workspace gave a project, as the workspace's status says. */
export function grantOf(project: Project, workspace: Workspace | undefined): ProjectGrant {
  const hard = amountsOf(workspace?.spec.quota?.hard)
  if (workspace === undefined || hard.size === 0) return ungranted
  const { quota } = workspace.status ?? {}
  const entry = quota?.projects?.find(({ uid }) => uid === project.metadata.uid)
  const granted = amountsOf(entry?.granted)
  const asked = amountsOf(project.spec.quota?.hard)
  const allocated = amountsOf(quota?.allocated)
  const { name } = workspace.metadata
  const refused = [...hard].flatMap(([resource, total]) => {
    const wanted = asked.get(resource)
    if (wanted === undefined) return [`workspace ${name} bounds ${resource}, and spec.quota.hard names no share of it`]
    if (wanted <= (granted.get(resource) ?? 0n)) return []
    const show = (amount: bigint): string => formatQuantity(resource, amount)
    const given = show(allocated.get(resource) ?? 0n)
    return [
      `spec.quota.hard asks for ${show(wanted)} of ${resource}, and of ${show(total)} of workspace ${name} ${given} are given`,
    ]
  })
  const revision = entry === undefined ? {} : { revision: entry.revision }
  return { limited: new Set(hard.keys()), granted, ...revision, refused: refused.sort() }
}
