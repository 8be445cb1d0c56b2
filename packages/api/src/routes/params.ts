import { z } from 'zod'

const label = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a DNS label')

export const ClusterParams = z.object({ cluster: label(50) })
export const WorkspaceParams = z.object({ workspace: label(50) })
export const ProjectParams = z.object({ project: label(50) })
export const MoveParams = z.object({ project: label(50), move: label(63) })
export const ApplicationParams = z.object({ project: label(50), application: label(40) })
export const ReleaseParams = z.object({ project: label(50), release: label(63) })
export const RolloutParams = z.object({ project: label(50), rollout: label(63) })
export const PlanParams = z.object({ project: label(50), plan: label(63) })
