import { findRelease } from '../find-release.ts'
import type { Io } from '../io.ts'
import { releaseText } from '../print/release-text.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

/** What a release is made of, its targets, who approved it, how it went out. */
export async function showRelease(io: Io, text: string, options: ReleaseOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findRelease(io, api, text, options.project)
  const detail = await api.releases.get({ params, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, detail)
  io.out(releaseText(io, detail))
}
