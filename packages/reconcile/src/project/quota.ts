import {
  formatQuantity,
  type NewCondition,
  type Project,
  type ProjectQuotaStatus,
  type Target,
  targetKey,
  unitOf,
} from '@flotilla/model'
import type { ClusterSight } from '../ownership/sights.ts'
import { type Amounts, amountsOf, greaterOf, writeAmounts } from '../quota/amounts.ts'
import { splitShare, sum } from '../quota/split-share.ts'
import { quotaName } from './objects.ts'
import type { ProjectCluster, ProjectGrant, ProjectObserved } from './observed.ts'

export interface QuotaPlan {
  /** What the ResourceQuota of a target is to allow, by target key; none where it is to have none. */
  readonly shares: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly status: ProjectQuotaStatus | undefined
  /** Why somebody has less than was asked for. */
  readonly exceeded: Omit<NewCondition, 'type' | 'observedGeneration'> | undefined
}

export interface QuotaQuestion {
  readonly project: Project
  /** Targets that take a share: all but those that are refused. */
  readonly targets: readonly Target[]
  readonly clusters: readonly ProjectCluster[]
  readonly observed: Pick<ProjectObserved, 'members' | 'unsettled' | 'grant'>
}

type QuotaEntry = NonNullable<ProjectQuotaStatus['targets']>[number]
type Place = Pick<Target, 'cluster' | 'namespace'>

/** Divides what the project has over its targets. */
export function planQuota({ project, targets, clusters, observed }: QuotaQuestion): QuotaPlan {
  const { grant } = observed
  const asked = amountsOf(project.spec.quota?.hard)
  const held = computeHeld(project, clusters, observed)
  const staying = new Set(targets.map(targetKey))
  const explicit = new Map(targets.map((target) => [targetKey(target), amountsOf(explicitOf(project, target))]))
  const resources = new Set(asked.keys())
  for (const amounts of explicit.values()) for (const resource of amounts.keys()) resources.add(resource)
  const shares = new Map<string, Map<string, bigint>>(targets.map((target) => [targetKey(target), new Map()]))
  const problems: string[] = [...grant.refused]
  for (const resource of [...resources].sort()) {
    const limited = grant.limited.has(resource)
    const sharers = [...explicit].map(([key, own]) => ({
      key,
      explicit: own.get(resource),
      held: held.get(key)?.amounts.get(resource),
    }))
    const all = sum(sharers.map((sharer) => sharer.explicit ?? 0n))
    // without a total the targets that name an amount have it, and the others are free
    const totalled = limited || asked.has(resource)
    const leaving = sum(
      [...held].flatMap(([key, { amounts }]) => (staying.has(key) ? [] : [amounts.get(resource) ?? 0n])),
    )
    // what the workspace has not decided on stays as it is
    const granted = grant.granted.get(resource) ?? leaving + sum(sharers.map((sharer) => sharer.held ?? 0n))
    const total = limited ? granted : (asked.get(resource) ?? all)
    const split = splitShare({
      total,
      unit: unitOf(resource),
      sharers: totalled ? sharers : sharers.filter((sharer) => sharer.explicit !== undefined),
      // who has no total owes nothing to anybody
      leaving: totalled ? leaving : 0n,
      bound: limited,
    })
    if (split.asked !== undefined) problems.push(exceeds(resource, split.asked, total, project))
    for (const [key, share] of split.shares) shares.get(key)?.set(resource, share)
  }
  return {
    shares: new Map([...shares].flatMap(([key, share]) => (share.size === 0 ? [] : [[key, writeAmounts(share)]]))),
    status: statusOf(project, grant, shares, held, targets),
    exceeded:
      problems.length === 0
        ? undefined
        : { status: 'True', reason: 'QuotaExceeded', message: `${problems.join('; ')}. What was given before stays` },
  }
}

const exceeds = (resource: string, asked: bigint, total: bigint, { metadata }: Project): string =>
  `spec.targets ask for ${formatQuantity(resource, asked)} of ${resource}, project ${metadata.name} has ${formatQuantity(resource, total)}`

/** What the first rule that names the target says, as the target itself comes of it. */
function explicitOf(project: Project, target: Target): Readonly<Record<string, string>> | undefined {
  return target.rule === undefined ? undefined : project.spec.targets[target.rule]?.quota?.hard
}

interface Held extends Place {
  readonly amounts: Amounts
  readonly used: Readonly<Record<string, string>> | undefined
}

/**
 * What each namespace may use at most, as far as anybody knows: what its ResourceQuota is seen to say, and while that
 * cannot be seen, or a write may be ahead of what is seen, what was written down before it was written there.
 */
function computeHeld(
  project: Project,
  clusters: readonly ProjectCluster[],
  { members, unsettled }: QuotaQuestion['observed'],
): Map<string, Held> {
  const held = new Map<string, Held>()
  const { uid = '' } = project.metadata
  for (const { name, connection } of clusters) {
    const sight = members.get(name)
    const before = (project.status?.quota?.targets ?? []).filter(({ cluster }) => cluster === name)
    if (sight?.known !== true || connection.state !== 'connected') {
      for (const entry of before)
        held.set(targetKey(entry), { ...entry, amounts: amountsOf(entry.allocated), used: entry.used })
      continue
    }
    for (const seen of quotasIn(name, uid, sight.value)) held.set(targetKey(seen), seen)
    for (const entry of before) {
      const key = targetKey(entry)
      if (!unsettled.has(key) || sight.value.namespaces.get(entry.namespace)?.owner !== uid) continue
      const seen = held.get(key)
      const amounts = greaterOf(seen?.amounts ?? new Map(), amountsOf(entry.allocated))
      held.set(key, { ...entry, amounts, used: seen?.used ?? entry.used })
    }
  }
  return held
}

function quotasIn(cluster: string, uid: string, { owned, namespaces }: ClusterSight): Held[] {
  return owned.flatMap(({ ref, owner, quota }) =>
    owner === uid && quota !== undefined && ref.name === quotaName && namespaces.get(ref.namespace)?.owner === uid
      ? [{ cluster, namespace: ref.namespace, amounts: amountsOf(quota.hard), used: quota.used }]
      : [],
  )
}

function statusOf(
  project: Project,
  grant: ProjectGrant,
  shares: ReadonlyMap<string, Amounts>,
  held: ReadonlyMap<string, Held>,
  targets: readonly Target[],
): ProjectQuotaStatus | undefined {
  const all: Place[] = [...held.values(), ...targets]
  const places = new Map(all.map((place) => [targetKey(place), place]))
  const entries = [...places]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, { cluster, namespace }]): QuotaEntry[] => {
      const has = held.get(key)
      // written down before it is written there, and until it is seen to be less
      const allocated = greaterOf(has?.amounts ?? new Map(), shares.get(key) ?? new Map())
      if (allocated.size === 0) return []
      const used = Object.entries(has?.used ?? {}).filter(([name]) => allocated.has(name))
      return [
        {
          cluster,
          namespace,
          allocated: writeAmounts(allocated),
          ...(used.length === 0 ? {} : { used: Object.fromEntries(used) }),
        },
      ]
    })
  const { hard } = project.spec.quota ?? {}
  if (hard === undefined && entries.length === 0 && grant.revision === undefined) return undefined
  const granted = new Map([...amountsOf(hard)].filter(([resource]) => !grant.limited.has(resource)))
  return {
    ...(hard === undefined ? {} : { hard }),
    granted: writeAmounts(new Map([...granted, ...grant.granted])),
    ...(grant.revision === undefined ? {} : { revision: grant.revision }),
    targets: entries,
  }
}
