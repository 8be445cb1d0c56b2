import { z } from 'zod'
import { nanosOf } from '../quantity.ts'

/** What of ResourceQuota may be limited: each amount under one name only (requests.cpu, not cpu). */
const names = [
  '(requests|limits)\\.(cpu|memory|ephemeral-storage)',
  'requests\\.storage',
  'persistentvolumeclaims|pods|services|configmaps|secrets',
  'services\\.(loadbalancers|nodeports)',
  'count/[a-z0-9-]+(\\.[a-z0-9][a-z0-9.-]*)?',
  // extended resources, such as requests.nvidia.com/gpu
  'requests\\.[a-z0-9-]+\\.[a-z0-9.-]+/[A-Za-z0-9][A-Za-z0-9._-]*',
  '[a-z0-9][a-z0-9.-]*\\.storageclass\\.storage\\.k8s\\.io/(requests\\.storage|persistentvolumeclaims)',
]
/** Also for the host's admission, which has no look-ahead. */
export const quotaNamePattern = `^(${names.join('|')})$`
/** Amounts that may be parts of one. All others count objects, or devices. */
export const dividedPattern = '(cpu|memory|storage)$'

/** An amount that a quota may have: what the API server takes as a Quantity, without a sign below zero. */
export const Quantity = z
  .string()
  .min(1)
  .max(32)
  .regex(
    /^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$/,
    'must be a quantity of Kubernetes, such as 500m, 4 or 10Gi',
  )

const isDivided = (name: string): boolean => new RegExp(dividedPattern).test(name)

/** Amounts by their names in a ResourceQuota. */
export const ResourceAmounts = z
  .record(
    z
      .string()
      .max(253)
      .regex(
        new RegExp(quotaNamePattern),
        'must be a resource that a ResourceQuota limits, such as requests.cpu, limits.memory, requests.storage, pods or count/jobs.batch',
      ),
    Quantity,
  )
  .refine(
    (amounts) => Object.entries(amounts).every(([name, amount]) => isDivided(name) || isWhole(amount)),
    'pods and other objects are counted in whole numbers',
  )
  .meta({ maxProperties: 32 })
export type ResourceAmounts = z.infer<typeof ResourceAmounts>

const isWhole = (amount: string): boolean => (nanosOf(amount) ?? 1n) % 10n ** 9n === 0n

export const Quota = z.object({ hard: ResourceAmounts })
export type Quota = z.infer<typeof Quota>

const ContainerAmounts = z.object({
  cpu: Quantity.optional(),
  memory: Quantity.optional(),
  'ephemeral-storage': Quantity.optional(),
})
type ContainerAmounts = z.infer<typeof ContainerAmounts>
const containerResources = ['cpu', 'memory', 'ephemeral-storage'] as const

const isInOrder = (lower: ContainerAmounts = {}, upper: ContainerAmounts = {}): boolean =>
  containerResources.every((name) => {
    const [low, high] = [nanosOf(lower[name]), nanosOf(upper[name])]
    return low === undefined || high === undefined || low <= high
  })

export const ContainerLimits = z
  .object({
    default: ContainerAmounts.optional().describe('Limits of a container that names none'),
    defaultRequest: ContainerAmounts.optional().describe('Requests of a container that names none'),
    max: ContainerAmounts.optional().describe('The most that one container may have'),
  })
  .refine(
    ({ default: usual, defaultRequest, max }) =>
      isInOrder(defaultRequest, usual) && isInOrder(usual, max) && isInOrder(defaultRequest, max),
    'defaultRequest must not be above default, nor default above max',
  )
export type ContainerLimits = z.infer<typeof ContainerLimits>

/** Amounts in a status: what an API server said, taken as it is. */
const SaidAmounts = z.record(z.string(), z.string())

export const WorkspaceQuotaStatus = z.object({
  hard: SaidAmounts,
  allocated: SaidAmounts.describe('What all its projects have together, at most'),
  projects: z
    .array(
      z.object({
        project: z.string(),
        uid: z.string(),
        revision: z.number().int().describe('Counts the decisions on this project; it says which one it follows'),
        granted: SaidAmounts.describe('What it has of the workspace'),
        held: SaidAmounts.describe('What it may still have in its clusters, at most'),
      }),
    )
    .max(2000)
    .optional(),
})
export type WorkspaceQuotaStatus = z.infer<typeof WorkspaceQuotaStatus>

export const ProjectQuotaStatus = z.object({
  hard: SaidAmounts.optional().describe('What spec.quota asks for'),
  granted: SaidAmounts.optional().describe('What of it the project has: its share of the workspace'),
  revision: z.number().int().optional().describe('The decision of the workspace that this follows'),
  targets: z
    .array(
      z.object({
        cluster: z.string(),
        namespace: z.string(),
        allocated: SaidAmounts.describe('What the ResourceQuota there allows, at most'),
        used: SaidAmounts.optional().describe('As the cluster last said, up to half a minute ago'),
      }),
    )
    .max(2000)
    .optional(),
})
export type ProjectQuotaStatus = z.infer<typeof ProjectQuotaStatus>
