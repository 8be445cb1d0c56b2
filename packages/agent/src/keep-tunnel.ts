import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentTunnel, dialTunnel, type DialOptions, type TunnelClass, TunnelError } from '@flotilla/tunnel'
import type { AgentLog } from './log.ts'
import { nextWait, type Outcome } from './next-wait.ts'
import type { OwnToken } from './own-token.ts'

/** What the two tunnels of one agent share. */
export interface AgentState {
  /** Says to the server that both are of the same process; given with the first. */
  epoch: number
  readonly open: Set<TunnelClass>
}

export interface KeepTunnelOptions {
  readonly dial: Omit<DialOptions, 'token' | 'epoch' | 'signal' | 'class'>
  readonly class: TunnelClass
  readonly token: OwnToken
  readonly state: AgentState
  readonly log: AgentLog
  readonly signal: AbortSignal
  readonly random?: () => number
}

/** A tunnel that lived this long was a good one. */
const goodMs = 30_000
const epochWaitMs = 100

/** Dials, serves, and dials again, until the signal. */
export async function keepTunnel(options: KeepTunnelOptions): Promise<void> {
  const { state, signal, log, random = Math.random } = options
  const ofClass = options.class
  let failures = 0
  while (!signal.aborted) {
    // the first tunnel brings the epoch
    if (ofClass === 'bulk' && state.epoch === 0) {
      await sleep(epochWaitMs, undefined, { signal }).catch(() => 'ends')
      continue
    }
    const began = performance.now()
    const outcome = await once(options)
    if (signal.aborted) return
    failures = performance.now() - began > goodMs ? 0 : failures + 1
    const wait = nextWait(outcome, Math.max(0, failures - 1), random)
    log('info', 'dialling again', { class: ofClass, inMs: Math.round(wait) })
    await sleep(wait, undefined, { signal }).catch(() => 'ends')
  }
}

async function once({ dial, token, state, log, signal, ...options }: KeepTunnelOptions): Promise<Outcome> {
  const fields = { class: options.class, server: dial.server.host }
  let tunnel: AgentTunnel
  try {
    const shown = await token.current()
    const opened = await dialTunnel({ ...dial, class: options.class, token: shown, epoch: state.epoch, signal })
    tunnel = opened.tunnel
    state.epoch = opened.epoch
  } catch (thrown) {
    if (signal.aborted) return { kind: 'lost' }
    const { code, status, retryAfter, message } = thrown instanceof TunnelError ? thrown : unforeseen(thrown)
    log('warn', 'server not reached', { ...fields, code, status, reason: meaningOf(status) ?? message })
    if (status === 401) token.refused()
    return { kind: status === 401 || status === 403 || status === 409 ? 'refused' : 'lost', retryAfter }
  }
  log('info', 'tunnel open', { ...fields, epoch: state.epoch })
  state.open.add(options.class)
  const end = (): void => tunnel.end()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const reason = await tunnel.ended
  signal.removeEventListener('abort', end)
  state.open.delete(options.class)
  log(signal.aborted ? 'info' : 'warn', 'tunnel ended', { ...fields, reason })
  return { kind: reason === 'fenced' || reason === 'revoked' ? 'refused' : 'lost' }
}

/** What an answer of the server means to who reads the log of a cluster. */
function meaningOf(status: number | undefined): string | undefined {
  if (status === 401)
    return 'the token is not good for this cluster (any more); flotilla cluster token NAME gives another'
  if (status === 409) return 'a newer agent of this cluster is connected'
  if (status === 404) return 'this is no Flotilla server, or a proxy on the way does not pass WebSockets on'
  return undefined
}

const unforeseen = (thrown: unknown): TunnelError =>
  new TunnelError(
    thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'EIO',
    thrown instanceof Error ? thrown.message : String(thrown),
  )
