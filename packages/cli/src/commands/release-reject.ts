import { findRelease } from '../find-release.ts'
import type { Io } from '../io.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface RejectOptions extends ReleaseOptions {
  readonly reason: string
}

/** Says that a release never goes out. */
export async function rejectRelease(io: Io, text: string, options: RejectOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findRelease(io, api, text, options.project)
  const detail = await api.releases.reject({ params, body: { reason: options.reason }, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, detail)
  io.out(`${params.project}/${params.release} is rejected: it never goes out, and nothing was changed in any cluster\n`)
  io.err(`Make another: flotilla release create ${params.project}/${detail.application}\n`)
}
