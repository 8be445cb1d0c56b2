import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'

/** What `--app APP` or `--app PROJECT/APP`, with `-n`, narrow a list to. */
export function applicationFilter(
  io: Pick<Io, 'env'>,
  options: { readonly app?: string; readonly project?: string },
): { project?: string[]; application?: string } {
  const [first, second, third] = options.app?.split('/') ?? []
  if (third !== undefined || first === '' || second === '')
    throw new UsageError(`--app ${options.app ?? ''} is no application; write APP or PROJECT/APP`)
  const project = second === undefined ? (options.project ?? io.env['FLOTILLA_PROJECT']) : first
  const application = second ?? first
  return {
    ...(project === undefined ? {} : { project: [project] }),
    ...(application === undefined ? {} : { application }),
  }
}
