import type { ApiClient } from '@flotilla/api'
import { findInProject } from './find-in-project.ts'
import type { Io } from './io.ts'

export interface NamedRelease {
  readonly project: string
  readonly release: string
}

/** `project/release`, or `release` with -n; without a project the only release of that name is meant. */
export async function findRelease(
  io: Io,
  api: ApiClient,
  text: string,
  project: string | undefined,
): Promise<NamedRelease> {
  const list = async (q: string) => (await api.releases.list({ query: { q, limit: 500 }, signal: io.signal })).items
  const found = await findInProject(io, { what: 'release', text, project, list })
  return { project: found.project, release: found.name }
}
