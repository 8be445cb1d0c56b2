import { findApplication } from '../find-application.ts'
import type { Io } from '../io.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface HookResolveOptions extends ReleaseOptions {
  /** CLUSTER or CLUSTER/NAMESPACE. */
  readonly target?: string
  readonly hook?: string
  readonly outcome: 'Succeeded' | 'Failed'
  readonly reason: string
}

/** How a hook of a chart that migrates ended, where nobody could tell: who says it has looked. */
export async function resolveHook(io: Io, text: string, options: HookResolveOptions): Promise<void> {
  const { target, hook, outcome, reason, output } = options
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const [cluster, namespace] = target?.split('/', 2) ?? []
  const body = {
    ...(cluster === undefined ? {} : { cluster }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(hook === undefined ? {} : { hook }),
    outcome,
    reason,
  }
  const answer = await api.applications.resolveHook({ params, body, signal: io.signal })
  if (output !== 'table') return await printResult(io, output, answer)
  const word = outcome === 'Succeeded' ? 'succeeded: it never runs again' : 'failed: it runs again'
  const name = `${params.project}/${params.application}`
  io.out(neutraliseLine(`${answer.hook} in ${answer.cluster}/${answer.namespace} is taken to have ${word}`) + '\n')
  io.err(`${name} is delivered again. See: flotilla status ${name}\n`)
}
