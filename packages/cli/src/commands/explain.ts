import { findApplication } from '../find-application.ts'
import type { Io } from '../io.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

export interface ExplainOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly cluster: string
  readonly component?: string
  readonly namespace?: string
}

export async function explain(io: Io, text: string, path: string, options: ExplainOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const { cluster, component, namespace } = options
  const answer = await api.applications.explain({
    params,
    query: {
      cluster,
      path,
      ...(component === undefined ? {} : { component }),
      ...(namespace === undefined ? {} : { namespace }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const where = `${answer.component} in ${answer.cluster}/${answer.namespace}`
  const winner = answer.layers.find(({ wins, says }) => wins && says)
  if (!answer.set && winner === undefined) {
    io.out(neutraliseLine(`No layer says anything about ${path} of ${where}`) + '\n')
    return
  }
  const what = answer.set ? `is ${JSON.stringify(answer.value)}` : 'is taken away'
  io.out(`${neutraliseLine(`${path} of ${where} ${what}`)}\n\n`)
  io.out(
    table(
      io,
      ['', 'LAYER', 'SAYS'],
      answer.layers
        .filter((layer) => layer.says)
        .map((layer) => [
          layer.wins ? { text: '*', colour: 'green' as const } : ' ',
          layer.name,
          layer.value === undefined ? undefined : JSON.stringify(layer.value),
        ]),
    ),
  )
}
