import { UsageError } from './exit.ts'
import type { Io } from './io.ts'

export interface InProject {
  readonly project: string
  readonly name: string
}

export interface Sought {
  /** For a person: application, release, rollout, plan. */
  readonly what: string
  /** `PROJECT/NAME` or `NAME`, as it was written. */
  readonly text: string
  readonly project: string | undefined
  /** Those that may be meant; asked for only where nobody said a project. */
  readonly list: (name: string) => Promise<readonly InProject[]>
}

/** `project/name`, or `name` with -n; without a project the only one of that name is meant. */
export async function findInProject(io: Io, { what, text, project, list }: Sought): Promise<InProject> {
  const [first = '', second, third] = text.split('/')
  if (third !== undefined || first === '' || second === '')
    throw new UsageError(`${text} is no ${what}; write PROJECT/NAME`)
  if (second !== undefined) return { project: first, name: second }
  const wanted = project ?? io.env['FLOTILLA_PROJECT']
  if (wanted !== undefined) return { project: wanted, name: first }
  const found = (await list(first)).filter((row) => row.name === first)
  const [only, other] = found
  if (only === undefined)
    throw new UsageError(`there is no ${what} ${first} that you may see; name its project with -n`)
  if (other !== undefined)
    throw new UsageError(
      `there are several: ${found.map((row) => `${row.project}/${row.name}`).join(', ')}; write one of them, or use -n`,
    )
  return { project: only.project, name: first }
}
