import type { ApiClient } from '@flotilla/api'
import { UsageError } from './exit.ts'
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
  const [first = '', second, third] = text.split('/')
  if (third !== undefined) throw new UsageError(`${text} is no application; write PROJECT/APP`)
  if (second !== undefined) return { project: first, application: second }
  const wanted = project ?? io.env['FLOTILLA_PROJECT']
  if (wanted !== undefined) return { project: wanted, application: first }
  const { items } = await api.applications.list({ query: { q: first, limit: 500 }, signal: io.signal })
  const found = items.filter((row) => row.name === first)
  const [only, other] = found
  if (only === undefined)
    throw new UsageError(`there is no application ${first} that you may see; name its project with -n`)
  if (other !== undefined)
    throw new UsageError(
      `there are several: ${found.map((row) => `${row.project}/${row.name}`).join(', ')}; write one of them, or use -n`,
    )
  return { project: only.project, application: first }
}
