import type { ServerTunnel } from '@flotilla/tunnel'
import { z } from 'zod'

/** How the server proves itself to a member behind an agent. Held in memory only: the agent tells it again. */
const Account = z.object({
  caPem: z.string().min(1).max(65_536),
  token: z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  /** The name in the API server's certificate. */
  serverName: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9.:-]+$/),
})
export type MemberAccount = z.infer<typeof Account>

const mostLine = 128 * 1024
const firstMs = 10_000

/** Accounts as the agent tells them, for as long as the tunnel is open. Errors: what is no account. */
export async function* readAccounts(tunnel: ServerTunnel): AsyncGenerator<MemberAccount> {
  const answer = await tunnel.ask({ method: 'GET', path: '/v1/account' }, AbortSignal.timeout(firstMs))
  answer.setEncoding('utf8')
  let rest = ''
  try {
    for await (const part of answer as AsyncIterable<string>) {
      const lines = (rest + part).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > mostLine) throw new Error('an account of this length is none')
      for (const line of lines) yield Account.parse(JSON.parse(line))
    }
  } catch (thrown) {
    // the end of the tunnel is the end of what is told
    if (tunnel.isOpen) throw thrown
  }
}
