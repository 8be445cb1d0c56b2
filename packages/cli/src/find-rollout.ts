import type { ApiClient } from '@flotilla/api'
import { findInProject } from './find-in-project.ts'
import type { Io } from './io.ts'

export interface NamedRollout {
  readonly project: string
  readonly rollout: string
}

/** `project/rollout`, or `rollout` with -n; without a project the only one of that name among the newest is meant. */
export async function findRollout(
  io: Io,
  api: ApiClient,
  text: string,
  project: string | undefined,
): Promise<NamedRollout> {
  const list = async () => (await api.rollouts.list({ query: { limit: 500 }, signal: io.signal })).items
  const found = await findInProject(io, { what: 'rollout', text, project, list })
  return { project: found.project, rollout: found.name }
}
