import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import path from 'node:path'
import type { AgentOptions } from './agent-options.ts'

/** What the agent shows the server. The file may lag a minute behind a token that was just renewed. */
export interface OwnToken {
  current(): Promise<string>
  /** The server did not take what it was shown: another is shown the next time, if there is one. */
  refused(): void
  /** Writes a new token into the Secret that the file comes from, and uses it from now on. */
  renew(token: string, signal: AbortSignal): Promise<void>
}

type Options = Pick<AgentOptions, 'tokenFile' | 'tokenSecret' | 'accountDir' | 'apiServer'>

export function createOwnToken(options: Options): OwnToken {
  let renewed: string | undefined
  return {
    current: async () => renewed ?? (await readFile(options.tokenFile, 'utf8')).trim(),
    refused: () => {
      renewed = undefined
    },
    renew: async (token, signal) => {
      await writeSecret(options, token, signal)
      renewed = token
    },
  }
}

const writeMs = 10_000

async function writeSecret(options: Options, token: string, signal: AbortSignal): Promise<void> {
  const { tokenSecret, accountDir, apiServer } = options
  if (tokenSecret === undefined) throw Object.assign(new Error('no --token-secret was given'), { code: 'ENOTSUP' })
  const [ca, account] = await Promise.all([
    readFile(path.join(accountDir, 'ca.crt'), 'utf8'),
    readFile(path.join(accountDir, 'token'), 'utf8'),
  ])
  const body = JSON.stringify({ data: { token: Buffer.from(token).toString('base64') } })
  const status = await new Promise<number>((resolve, reject) => {
    const asked = request(
      {
        ...apiServer,
        ca,
        method: 'PATCH',
        path: `/api/v1/namespaces/${tokenSecret.namespace}/secrets/${tokenSecret.name}`,
        headers: {
          authorization: `Bearer ${account.trim()}`,
          'content-type': 'application/merge-patch+json',
          'content-length': Buffer.byteLength(body),
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(writeMs)]),
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    asked.once('error', reject)
    asked.end(body)
  })
  if (status !== 200) throw Object.assign(new Error(`the API server answered ${status}`), { code: `HTTP${status}` })
}
