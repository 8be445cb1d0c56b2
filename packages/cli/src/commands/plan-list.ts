import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

/** Plans, with their stages. */
export async function listPlans(io: Io, options: ReleaseOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const project = options.project ?? io.env['FLOTILLA_PROJECT']
  const page = await api.plans.list({
    query: { limit: 500, ...(project === undefined ? {} : { project }) },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, page)
  if (page.items.length === 0)
    return io.err('There is no plan that you may see. Write one: flotilla apply -f plan.yaml\n')
  io.out(
    table(
      io,
      ['NAME', 'STAGES', 'STEPS', 'DESCRIPTION', 'AGE'],
      page.items.map((row) => [
        `${row.project}/${row.name}`,
        row.stages.map(({ name }) => name).join(' > '),
        row.stages.reduce((sum, { steps }) => sum + steps.length, 0),
        row.description,
        age(row.createdAt, io.now()),
      ]),
    ),
  )
  if (page.continue !== undefined) io.err(`Shown: ${page.items.length} of ${page.total}; narrow it with -n PROJECT\n`)
}
