import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { placeOf, type PlaceOptions } from './members.ts'

export async function addServiceAccount(io: Io, name: string, options: PlaceOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const { query, words } = placeOf(options)
  await api.serviceAccounts.add({ body: { name, ...query }, signal: io.signal })
  io.out(`Added ${name} to ${words}\n`)
  io.err(
    `It has no role yet: flotilla member add ${name} ROLE. A token: flotilla api-token create NAME --for ${name}\n`,
  )
}

export async function listServiceAccounts(io: Io, options: PlaceOptions & { output: OutputForm }): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.serviceAccounts.list({ query: placeOf(options).query, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const rows = answer.items.map(({ name, displayName = '', disabled, createdAt }) => [
    name,
    displayName,
    age(createdAt, io.now()),
    disabled ? 'disabled' : '',
  ])
  io.out(rows.length === 0 ? 'No service accounts there\n' : table(io, ['NAME', 'DISPLAY NAME', 'AGE', ''], rows))
}

export async function removeServiceAccount(io: Io, name: string, options: { context?: string }): Promise<void> {
  const { api } = await connect(io, options.context)
  await api.serviceAccounts.remove({ params: { user: name }, signal: io.signal })
  io.out(`Removed ${name}; its tokens open nothing any more\n`)
}
