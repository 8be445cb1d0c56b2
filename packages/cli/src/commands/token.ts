import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Io } from '../io.ts'
import { connect } from '../settings/connect.ts'
import { settingsPath } from '../settings/settings-file.ts'
import { writeWhole } from '../settings/write-whole.ts'

interface KeptToken {
  readonly token: string
  readonly expiresAt: string
}

/** A token has to be good for this long after it was given out. */
const leastLeftMs = 60_000

/**
 * Prints an ExecCredential (client.authentication.k8s.io/v1) for kubectl and the like. They ask for each command, so
 * the token is kept beside the settings until shortly before its end.
 */
export async function token(io: Io, options: { readonly context?: string }): Promise<void> {
  const { api, name, context } = await connect(io, options.context)
  const session = createHash('sha256').update(`${context.server} ${context.token}`).digest('hex').slice(0, 16)
  const file = `${settingsPath(io)}.kubernetes-${session}`
  const kept = name === 'environment' ? undefined : await readKept(file)
  const fresh =
    kept !== undefined && Date.parse(kept.expiresAt) - io.now() > leastLeftMs
      ? kept
      : await api.kubernetes.token({ body: {}, signal: io.signal })
  if (fresh !== kept && name !== 'environment')
    await writeWhole(file, JSON.stringify(fresh)).catch(() => 'it is asked for anew')
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

async function readKept(file: string): Promise<KeptToken | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('token' in value) || !('expiresAt' in value)) return undefined
    const { token: text, expiresAt } = value
    return typeof text === 'string' && typeof expiresAt === 'string' ? { token: text, expiresAt } : undefined
  } catch {
    return undefined
  }
}
