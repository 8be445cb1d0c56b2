import { NotAsWanted } from '../exit.ts'
import type { Io } from '../io.ts'
import { connect } from '../settings/connect.ts'
import { askFor } from './ask-for.ts'

interface Options {
  readonly context?: string
}

/** Keeps the secret of an identity provider; it is asked, or read from standard input, and never an argument. */
export async function setProviderSecret(
  io: Io,
  name: string,
  options: Options & { secretStdin?: boolean },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const secret =
    options.secretStdin === true
      ? (await io.readStdin()).trim()
      : await askFor(io, `Secret of ${name}: `, '--secret-stdin', true)
  await api.providers.setSecret({ params: { provider: name }, body: { secret }, signal: io.signal })
  io.out(`The secret of ${name} was set. Try it: flotilla provider test ${name}\n`)
}

/** Says where people come back to, and ends with 3 when nobody could sign in through it. */
export async function testProvider(io: Io, name: string, options: Options): Promise<void> {
  const { api } = await connect(io, options.context)
  const { answers, why, redirectUri } = await api.providers.test({ params: { provider: name }, signal: io.signal })
  if (redirectUri !== undefined) io.out(`Address to register there: ${redirectUri}\n`)
  if (!answers) throw new NotAsWanted(`${name} does not answer: ${why ?? 'no reason is given'}`)
  io.out(`${name} answers; people can sign in through it\n`)
}
