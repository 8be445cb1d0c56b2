import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { stateColour } from '../print/colour.ts'
import { printResult, type OutputForm } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

const most = 5000

/** Which clusters run an image now. */
export async function whereImage(
  io: Io,
  image: string,
  options: { readonly context?: string; readonly output: OutputForm },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.history.where({ query: { image, limit: most }, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  if (answer.items.length === 0) return io.err('Nothing that you may see runs it\n')
  const heads = ['APPLICATION', 'COMPONENT', 'TARGET', 'ENVIRONMENT', 'IMAGE', 'VERSION', 'RELEASE', 'HEALTH', 'SINCE']
  io.out(
    table(
      io,
      heads,
      answer.items.map((row) => [
        `${row.project}/${row.application}`,
        row.component,
        `${row.cluster}/${row.namespace}`,
        row.environment,
        row.image,
        row.version,
        row.release,
        row.unknownSince === undefined
          ? { text: row.health, colour: stateColour(row.health) }
          : { text: `not seen for ${age(row.unknownSince, io.now())}`, colour: stateColour('Unknown') },
        age(row.since, io.now()),
      ]),
    ),
  )
  if (answer.truncated)
    io.err(`Shown: ${answer.items.length} of ${answer.total}; write the image with its tag or digest\n`)
}
