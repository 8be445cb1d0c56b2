import { Transform, type TransformCallback } from 'node:stream'
import { FlotillaError } from '@flotilla/model'
import { createMessageReader, messageFrame } from './exec-messages.ts'
import type { Headers } from './transport.ts'

/** Sees what passes through an exec or attach over a WebSocket, and can hold it up or end it. */
export interface ExecTap {
  /** What the person is told before anything else. */
  readonly notice: { readonly channel: number; readonly words: string }
  /** Payload of a channel, in the order it passes; a message may come in pieces. */
  payload(from: 'client' | 'cluster', channel: number, bytes: Buffer): void
  /** Resolves when more may pass. */
  ready(): Promise<void>
  /** Aborts when it can go on no longer; the reason's message is told to the person. */
  readonly failed: AbortSignal
}

const tappedProtocol = /^v[45]\.channel\.k8s\.io$/

/** Asks only for what a tap can read: no compression, and the subprotocols whose first byte names a channel. */
export function tappedHeaders(headers: Headers, upgrade: string): Headers {
  const { 'sec-websocket-extensions': _left, 'sec-websocket-protocol': offered = '', ...others } = headers
  const protocols = String(offered)
    .split(',')
    .map((one) => one.trim())
    .filter((one) => tappedProtocol.test(one))
  if (upgrade.toLowerCase() !== 'websocket' || protocols.length === 0) throw notTapped()
  return { ...others, 'sec-websocket-protocol': protocols.join(', ') }
}

/** Whether what was agreed on is what was asked for. */
export function isTapped(answered: Readonly<Record<string, string | string[] | undefined>>): boolean {
  const { upgrade = '', 'sec-websocket-protocol': protocol = '', 'sec-websocket-extensions': extensions } = answered
  return (
    String(upgrade).toLowerCase() === 'websocket' && tappedProtocol.test(String(protocol)) && extensions === undefined
  )
}

export const notTapped = (): FlotillaError =>
  new FlotillaError('input.invalid', {
    message: 'Shells are recorded here, which takes a WebSocket; this client, or something in between, uses SPDY',
    remedy: 'Use kubectl 1.31 or newer without KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false, or the terminal of the console',
    field: 'upgrade',
  })

export const noticeFrame = ({ notice: { channel, words } }: ExecTap): Buffer => messageFrame(channel, words)

/** Passes bytes on as they are once the tap has seen them. */
export function throughTap(tap: ExecTap, from: 'client' | 'cluster'): Transform {
  const reader = createMessageReader((channel, bytes) => tap.payload(from, channel, bytes))
  const pass = async (chunk: Buffer, done: TransformCallback): Promise<void> => {
    let fault: Error | undefined
    try {
      reader.push(chunk)
      await tap.ready()
    } catch (thrown) {
      fault = thrown instanceof Error ? thrown : new Error(String(thrown))
    }
    if (fault === undefined) done(null, chunk)
    else done(fault)
  }
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      void pass(chunk, done)
    },
  })
}
