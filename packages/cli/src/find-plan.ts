import type { ApiClient } from '@flotilla/api'
import { findInProject } from './find-in-project.ts'
import type { Io } from './io.ts'

export interface NamedPlan {
  readonly project: string
  readonly plan: string
}

/** `project/plan`, or `plan` with -n; without a project the only plan of that name is meant. */
export async function findPlan(io: Io, api: ApiClient, text: string, project: string | undefined): Promise<NamedPlan> {
  const list = async () => (await api.plans.list({ query: { limit: 500 }, signal: io.signal })).items
  const found = await findInProject(io, { what: 'plan', text, project, list })
  return { project: found.project, plan: found.name }
}
