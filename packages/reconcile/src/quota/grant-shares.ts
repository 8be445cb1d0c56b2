import {
  canonicalJson,
  formatQuantity,
  type Project,
  type ProjectQuotaStatus,
  type Workspace,
  type WorkspaceQuotaStatus,
} from '@flotilla/model'
import { type Amounts, amountsOf, greaterOf, writeAmounts } from './amounts.ts'
import { sum } from './split-share.ts'

type SharingProject = Pick<Project, 'metadata' | 'spec' | 'status'>
type Entry = NonNullable<WorkspaceQuotaStatus['projects']>[number]

export interface GrantPlan {
  readonly status: WorkspaceQuotaStatus | undefined
  /** For the host's admission: what of each bounded resource is not asked for, as `name=free of hard`, between commas. */
  readonly free: string | undefined
  /** Where more is held than there is to be, in words. */
  readonly exceeded: readonly string[]
}

interface Sharing {
  readonly project: SharingProject
  readonly asked: Amounts
  readonly before: Entry | undefined
  /** What it may have in its clusters at most, as far as anybody knows. */
  readonly held: Amounts
}

/**
 * Divides a workspace's quota over its projects. A project has what it asks for or keeps what it had; the older one is
 * served first. What a project gives back is free only when it has said that it follows the decision and that no cluster
 * allows it more: so what all clusters allow together never exceeds the quota, however writes race.
 */
export function grantShares(workspace: Workspace, projects: readonly SharingProject[]): GrantPlan {
  const hard = amountsOf(workspace.spec.quota?.hard)
  const entries = new Map(workspace.status?.quota?.projects?.map((entry) => [entry.uid, entry]))
  const sharing = [...projects].sort(byAge).map((project): Sharing => {
    const before = entries.get(project.metadata.uid ?? '')
    const asked = amountsOf(project.spec.quota?.hard)
    return { project, asked, before, held: heldBy(hard.size > 0 ? before : undefined, project.status?.quota) }
  })
  const granted = new Map(sharing.map(({ project }) => [project, new Map<string, bigint>()]))
  for (const [resource, total] of hard) {
    let free = total - sum(sharing.map(({ held }) => held.get(resource) ?? 0n))
    for (const { project, asked, before, held } of sharing) {
      const has = held.get(resource) ?? 0n
      const former = amountsOf(before?.granted).get(resource)
      const wanted = asked.get(resource) ?? former
      // a project of before that names no share is not bounded yet; it may not be written again without one
      if (wanted === undefined) continue
      const more = wanted - has
      const fits = more <= 0n || more <= free
      if (fits && more > 0n) free -= more
      granted.get(project)?.set(resource, fits ? wanted : (former ?? has))
    }
  }
  const projectsNow = sharing.flatMap(({ project, before, held }): Entry[] => {
    const share = granted.get(project) ?? new Map()
    const all = greaterOf(held, share)
    if (share.size === 0 && all.size === 0) return []
    const written = writeAmounts(share)
    const same = before !== undefined && canonicalJson(before.granted) === canonicalJson(written)
    const { name, uid = '' } = project.metadata
    const revision = (before?.revision ?? 0) + (same ? 0 : 1)
    return [{ project: name, uid, revision, granted: written, held: writeAmounts(all) }]
  })
  const allocated = totalOf(projectsNow.map((entry) => amountsOf(entry.held)))
  const asked = totalOf(sharing.map((one) => greaterOf(one.asked, heldNow(projectsNow, one))))
  return {
    status:
      hard.size === 0 && projectsNow.length === 0
        ? undefined
        : { hard: writeAmounts(hard), allocated: writeAmounts(allocated), projects: projectsNow },
    free: hard.size === 0 ? undefined : freeText(hard, asked),
    exceeded: [...hard].flatMap(([resource, total]) => {
      const given = allocated.get(resource) ?? 0n
      return given <= total
        ? []
        : [
            `${formatQuantity(resource, given)} of ${resource} are given, and there are ${formatQuantity(resource, total)}`,
          ]
    }),
  }
}

/** A project that follows the last decision has what that gave, or what its clusters still allow; any other, also what decisions before gave. */
function heldBy(before: Entry | undefined, status: ProjectQuotaStatus | undefined): Amounts {
  const allowed = totalOf((status?.targets ?? []).map(({ allocated }) => amountsOf(allocated)))
  if (before === undefined) return allowed
  const follows = status?.revision === before.revision
  return greaterOf(amountsOf(follows ? before.granted : before.held), allowed)
}

const heldNow = (entries: readonly Entry[], { project }: Sharing): Amounts =>
  amountsOf(entries.find(({ uid }) => uid === project.metadata.uid)?.held)

function totalOf(all: readonly Amounts[]): Amounts {
  const total = new Map<string, bigint>()
  for (const amounts of all) for (const [name, nanos] of amounts) total.set(name, (total.get(name) ?? 0n) + nanos)
  return total
}

const freeText = (hard: Amounts, asked: Amounts): string =>
  [...hard]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, total]) => {
      const free = total - (asked.get(name) ?? 0n)
      return `${name}=${formatQuantity(name, free)} of ${formatQuantity(name, total)}`
    })
    .join(',')

function byAge(a: SharingProject, b: SharingProject): number {
  const [ageA, ageB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (ageA !== ageB) return ageA < ageB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}
