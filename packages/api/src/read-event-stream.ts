import { FlotillaError } from '@flotilla/model/errors'
import { readLines } from './read-lines.ts'
import type { StreamEvent } from './shapes/stream.ts'

export interface EventStreamOptions {
  /** Opens one connection; throws a FlotillaError when the server refuses. */
  readonly open: (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>
  readonly signal?: AbortSignal | undefined
  /** Waits between two tries; for tests. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
  /** Silence after which the connection counts as dead; three heartbeats when left out. */
  readonly silenceMs?: number | undefined
}

const firstWaitMs = 500
const longestWaitMs = 15_000

/**
 * Events of the one stream, for as long as `signal` holds: after a break it connects again by itself with
 * Last-Event-ID. Ends when the session ended; throws when the server refuses (`auth.*`, `input.*`).
 */
export async function* readEventStream(options: EventStreamOptions): AsyncIterable<StreamEvent> {
  let lastId: string | undefined
  let waitMs = firstWaitMs
  const never = new AbortController()
  const signal = options.signal ?? never.signal
  while (!signal.aborted) {
    const connection = new AbortController()
    const both = AbortSignal.any([signal, connection.signal])
    let silence: ReturnType<typeof setTimeout> | undefined
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => connection.abort(), options.silenceMs ?? 45_000)
    }
    try {
      const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId }
      heard()
      const response = await options.open(headers, both)
      for await (const event of parseEvents(response, heard)) {
        waitMs = firstWaitMs
        if (event.event === 'change' || event.event === 'hello') lastId = event.id
        if (event.event === 'reset') lastId = undefined
        yield event
        if (event.event === 'end' && event.data.code === 'signed-out') return
      }
    } catch (thrown) {
      if (signal.aborted) return
      if (thrown instanceof FlotillaError && thrown.next === 'reject') throw thrown
    } finally {
      clearTimeout(silence)
      connection.abort()
    }
    // half of the wait is luck, so that many readers do not come back at once
    await (options.wait ?? pause)(waitMs / 2 + Math.random() * (waitMs / 2), signal)
    waitMs = Math.min(waitMs * 2, longestWaitMs)
  }
}

/** Server-sent events (WHATWG HTML, section 9.2) of one answer. */
async function* parseEvents(response: Response, heard: () => void): AsyncIterable<StreamEvent> {
  if (response.body === null) return
  let event = ''
  let id: string | undefined
  let text = ''
  for await (const line of readLines(response.body)) {
    heard()
    if (line === '') {
      if (text !== '') {
        const data: unknown = JSON.parse(text)
        // the server's own events; a name that this client does not know is left out
        if (known.has(event)) yield { event, data, ...(id === undefined ? {} : { id }) } as StreamEvent
      }
      event = ''
      id = undefined
      text = ''
    } else if (line.startsWith('event: ')) event = line.slice(7)
    else if (line.startsWith('id: ')) id = line.slice(4)
    else if (line.startsWith('data: ')) text += line.slice(6)
  }
}

const known = new Set<string>([
  'hello',
  'change',
  'rows',
  'relist',
  'heartbeat',
  'reset',
  'end',
] satisfies StreamEvent['event'][])

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
