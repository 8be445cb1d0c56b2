import { readFile } from 'node:fs/promises'
import { type Answer, apiServerTarget, tunnelClasses, type TunnelLimits } from '@flotilla/tunnel'
import { tellAccount } from './account.ts'
import type { AgentOptions } from './agent-options.ts'
import { type AgentState, keepTunnel } from './keep-tunnel.ts'
import type { AgentLog } from './log.ts'
import { createOwnToken, type OwnToken } from './own-token.ts'
import { serveHealth } from './serve-health.ts'

export interface AgentContext {
  readonly log: AgentLog
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
  readonly signal: AbortSignal
  readonly limits?: TunnelLimits | undefined
}

/** The whole agent: keeps its two tunnels open until the signal. Holds nothing that it could not read again. */
export async function runTunnels(options: AgentOptions, context: AgentContext): Promise<void> {
  const { log, env, version, signal, limits } = context
  const token = createOwnToken(options)
  const caPem = options.caFile === undefined ? undefined : await readFile(options.caFile, 'utf8')
  const state: AgentState = { epoch: 0, open: new Set() }
  if (options.healthPort !== undefined)
    await serveHealth(options.healthPort, () => state.open.size === tunnelClasses.length, signal)
  const dial = {
    server: options.server,
    caPem,
    serverName: options.serverName,
    cluster: options.cluster,
    version,
    env,
    limits,
    targetOf: (name: string) => (name === apiServerTarget ? options.apiServer : undefined),
    answer: answers(options, token, log),
  }
  log('info', 'agent started', { version, cluster: options.cluster, server: options.server.host })
  await Promise.all(tunnelClasses.map((one) => keepTunnel({ dial, class: one, token, state, log, signal })))
  log('info', 'agent stopped')
}

/** What the server may ask of the agent itself. */
function answers(options: AgentOptions, token: OwnToken, log: AgentLog): Answer {
  return ({ method, path, body, signal }) => {
    switch (`${method} ${path}`) {
      case 'GET /v1/account':
        return tellAccount(options.accountDir, options.apiServer.host, signal)
      case 'PUT /v1/token':
        return takeToken(body, signal)
      default:
        return undefined
    }
  }

  async function* takeToken(body: string, signal: AbortSignal): AsyncGenerator<string> {
    const next = body.trim()
    if (!/^fla_[\x21-\x7e]{20,200}$/.test(next)) throw Object.assign(new Error('no token'), { code: 'EINVAL' })
    try {
      await token.renew(next, signal)
    } catch (thrown) {
      log('warn', 'token not renewed', { reason: thrown instanceof Error ? thrown.message : String(thrown) })
      throw thrown
    }
    log('info', 'token renewed')
    yield 'stored\n'
  }
}
