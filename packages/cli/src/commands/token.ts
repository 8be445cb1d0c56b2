import type { Io } from '../io.ts'
import { connect } from '../settings/connect.ts'
import { keepToken, keptTokenPath, readKeptToken } from '../settings/kept-token.ts'

/** A token has to be good for this long after it was given out. */
const leastLeftMs = 60_000

/**
 * Prints an ExecCredential (client.authentication.k8s.io/v1) for kubectl and the like. They ask for each command, so
 * the token is kept beside the settings until shortly before its end.
 */
export async function token(io: Io, options: { readonly context?: string }): Promise<void> {
  const { api, name, context } = await connect(io, options.context)
  const file = keptTokenPath(io, context)
  const kept = name === 'environment' ? undefined : await readKeptToken(file)
  const fresh =
    kept !== undefined && Date.parse(kept.expiresAt) - io.now() > leastLeftMs
      ? kept
      : await api.kubernetes.token({ body: {}, signal: io.signal })
  if (fresh !== kept && name !== 'environment') await keepToken(io, file, fresh).catch(() => 'it is asked for anew')
  io.out(
    `${JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: {
        token: fresh.token,
        // so that a long-lived client asks again while the token still works
        expirationTimestamp: new Date(Date.parse(fresh.expiresAt) - leastLeftMs / 2)
          .toISOString()
          .replace(/\.\d+Z$/, 'Z'),
      },
    })}\n`,
  )
}
