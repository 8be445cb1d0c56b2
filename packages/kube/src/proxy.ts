import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { asFlotillaError } from '@flotilla/model'
import { impersonationHeaders } from './identity.ts'
import type { ExecTap } from './exec-tap.ts'
import type { KubeClient } from './kube-client.ts'
import { checkRequestPath } from './paths.ts'
import { forwardedHeaders } from './proxy-headers.ts'
import type { OpenAnswer } from './transport.ts'

export interface ProxyTarget {
  /** Absolute path with query on the API server, already authorised by the caller. */
  readonly path: string
  /** Ends the request or the socket at once, for instance when a right was taken away. */
  readonly signal?: AbortSignal | undefined
  /** Deadline until the head of the answer; 60 s when left out. */
  readonly timeoutMs?: number | undefined
  /** Extra request headers, such as an audit id. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Of an exec or attach that is upgraded; one that it cannot read is refused (`input.invalid`). */
  readonly tap?: ExecTap | undefined
}

export interface ProxyOutcome {
  /** What the API server answered; 101 for an upgrade that happened. */
  readonly status: number
  readonly bytesUp: number
  readonly bytesDown: number
  /** `lost`: the cluster's side went away without an end; never to be shown as success. */
  readonly ended: 'finished' | 'client-left' | 'aborted' | 'lost'
}

export const proxyTimeoutMs = 60_000

/**
 * Forwards a plain request and its answer, streaming both ways, as the view's identity. Rejects (`cluster.*`) only
 * while nothing was answered yet, so that the caller can still answer itself.
 */
export async function proxyRequest(
  client: KubeClient,
  exchange: { request: IncomingMessage; response: ServerResponse },
  target: ProxyTarget,
): Promise<ProxyOutcome> {
  const { request, response } = exchange
  const left = new AbortController()
  const leave = (): void => left.abort(new Error('the client left'))
  response.once('close', leave)
  const count = { up: 0, down: 0 }
  request.on('data', (chunk: Buffer) => {
    count.up += chunk.length
  })
  request.pause()
  const signals = [left.signal, ...(target.signal === undefined ? [] : [target.signal])]
  try {
    const answer = await client.transport.relay({
      method: request.method ?? 'GET',
      path: checkRequestPath(target.path),
      headers: { ...forwardedHeaders(request.rawHeaders), ...target.headers, ...impersonationHeaders(client.identity) },
      body: hasBody(request) ? request : null,
      idempotent: false,
      timeoutMs: target.timeoutMs ?? proxyTimeoutMs,
      signal: AbortSignal.any(signals),
    })
    const ended = await passOn(answer, response, count, { left: left.signal, stop: target.signal })
    return { status: answer.status, bytesUp: count.up, bytesDown: count.down, ended }
  } catch (thrown) {
    if (left.signal.aborted) return { status: 0, bytesUp: count.up, bytesDown: 0, ended: 'client-left' }
    throw asFlotillaError(thrown)
  } finally {
    response.removeListener('close', leave)
  }
}

async function passOn(
  answer: OpenAnswer,
  response: ServerResponse,
  count: { down: number },
  signals: { left: AbortSignal; stop: AbortSignal | undefined },
): Promise<ProxyOutcome['ended']> {
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      answer.heard()
      count.down += chunk.length
      yield chunk
    }
  }
  response.writeHead(answer.status, answerHeaders(answer.headers))
  response.flushHeaders()
  try {
    await pipeline(counted(), response)
    return 'finished'
  } catch {
    response.destroy()
    if (signals.stop?.aborted === true) return 'aborted'
    return answer.body.errored === null || isClientError(response) ? 'client-left' : 'lost'
  } finally {
    answer.close()
  }
}

const isClientError = (response: ServerResponse): boolean => response.errored !== null && response.socket === null

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length']
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function answerHeaders(headers: OpenAnswer['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    if (/^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|set-cookie)$/i.test(name)) continue
    kept[name] = value
  }
  return kept
}
