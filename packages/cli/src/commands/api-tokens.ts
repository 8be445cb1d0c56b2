import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

interface Options {
  readonly context?: string
  /** A service account, or somebody else. */
  readonly for?: string
}

export interface CreateTokenOptions {
  readonly context?: string
  readonly project?: string
  readonly write?: boolean
  readonly days?: string
  /** A service account. */
  readonly for?: string
}

/** The token goes to standard output alone, so that it can be piped to where it is kept. */
export async function createApiToken(io: Io, name: string, options: CreateTokenOptions): Promise<void> {
  const { project, write = false, days = '90' } = options
  if (!/^[0-9]{1,3}$/.test(days)) throw new UsageError(`--days ${days} is no number of days, 1 to 365`)
  const { api } = await connect(io, options.context)
  const made = await api.tokens.create({
    body: {
      name,
      access: write ? 'write' : 'read',
      days: Number(days),
      ...(project === undefined ? {} : { project }),
      ...(options.for === undefined ? {} : { user: options.for }),
    },
    signal: io.signal,
  })
  io.out(`${made.token}\n`)
  const may = made.access === 'write' ? 'reads and writes' : 'only reads'
  const where = project === undefined ? '' : ` in project ${project}`
  const revoking = ['flotilla api-token revoke', made.id, ...(options.for === undefined ? [] : ['--for', options.for])]
  io.err(`It is shown only now. It ${may}${where}, until ${made.expiresAt}; revoke it with: ${revoking.join(' ')}\n`)
}

export async function listApiTokens(io: Io, options: Options & { readonly output: OutputForm }): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.tokens.list({ query: ofUser(options), signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const rows = answer.items.map(({ id, name, access, project = '', lastUsedAt, expiresAt }) => [
    id,
    name,
    access === 'write' ? 'read and write' : 'read',
    project,
    lastUsedAt === undefined ? 'never' : age(lastUsedAt, io.now()),
    Date.parse(expiresAt) <= io.now() ? 'over' : expiresAt.slice(0, 10),
  ])
  io.out(rows.length === 0 ? 'No tokens\n' : table(io, ['ID', 'NAME', 'MAY', 'PROJECT', 'LAST USE', 'UNTIL'], rows))
}

export async function revokeApiToken(io: Io, id: string, options: Options): Promise<void> {
  const { api } = await connect(io, options.context)
  await api.tokens.revoke({ params: { token: id }, query: ofUser(options), signal: io.signal })
  io.out(`Revoked ${id}; what it had open ends within seconds\n`)
}

const ofUser = ({ for: user }: Options) => (user === undefined ? {} : { user })
