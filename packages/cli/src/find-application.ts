import type { ApiClient } from '@flotilla/api'
import { findInProject } from './find-in-project.ts'
import type { Io } from './io.ts'

export interface Named {
  readonly project: string
  readonly application: string
}

/** `project/app`, or `app` with -n; without a project the only application of that name is meant. */
export async function findApplication(
  io: Io,
  api: ApiClient,
  text: string,
  project: string | undefined,
): Promise<Named> {
  const list = async (q: string) => (await api.applications.list({ query: { q, limit: 500 }, signal: io.signal })).items
  const found = await findInProject(io, { what: 'application', text, project, list })
  return { project: found.project, application: found.name }
}
