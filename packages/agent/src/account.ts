import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How the server proves itself to the API server of this cluster, and knows it. */
interface Account {
  readonly caPem: string
  readonly token: string
  readonly serverName: string
}

/** The kubelet renews the token when a fifth of its life is left; so often it is looked for. */
const lookMs = 10_000

async function readAccount(dir: string, serverName: string): Promise<Account> {
  const [caPem, token] = await Promise.all([
    readFile(path.join(dir, 'ca.crt'), 'utf8'),
    readFile(path.join(dir, 'token'), 'utf8'),
  ])
  return { caPem, token: token.trim(), serverName }
}

/** The pod's own account as JSON lines: once now, and again whenever the kubelet renewed it. */
export async function* tellAccount(dir: string, serverName: string, signal: AbortSignal): AsyncGenerator<string> {
  let told = ''
  while (!signal.aborted) {
    const line = `${JSON.stringify(await readAccount(dir, serverName))}\n`
    if (line !== told) yield line
    told = line
    await sleep(lookMs, undefined, { signal, ref: false }).catch(() => 'nobody listens any more')
  }
}
