import { findApplication } from '../find-application.ts'
import type { Io } from '../io.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

/** Lets releases of an application go out again after a rollback. */
export async function liftHold(io: Io, text: string, options: ReleaseOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const answer = await api.applications.liftHold({ params, body: {}, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const name = `${params.project}/${params.application}`
  if (!answer.changed) return io.out(`${name} was not on hold\n`)
  io.out(`${name} is on hold no longer: its releases go out again\n`)
  io.err(`See: flotilla release list --app ${name}\n`)
}
