import type { ApiClient, Change, StreamEvent } from '@flotilla/api'

export type LiveState = 'connecting' | 'live' | 'lost'

type RowItems = Extract<StreamEvent, { event: 'rows' }>['data']['items']

export interface LiveStreamOptions {
  readonly open: ApiClient['stream']['watch']
  readonly topics: readonly string[]
  /** Id of the last change seen by the stream before this one. */
  readonly lastEventId?: string | undefined
  readonly signal: AbortSignal
  readonly onChanges: (changes: readonly Change[]) => void
  /** Rows of the clusters' objects, as they come. */
  readonly onRows?: ((topic: string, items: RowItems) => void) | undefined
  /** The list of this topic has to be read again. */
  readonly onRelist?: ((topic: string) => void) | undefined
  /** Up to here everything was seen; the next stream goes on from it. */
  readonly onSeen: (lastEventId: string) => void
  /** What was missed is not known: everything has to be read again. */
  readonly onReset: () => void
  readonly onState: (state: LiveState) => void
  readonly onSignedOut: () => void
}

/** Changes of one screen's worth are painted together. */
const batchMs = 100
const mostInBatch = 2000

/**
 * Reads the one stream until `signal`. The client below connects again by itself; here the changes are gathered into
 * batches and silence is noticed: two heartbeats without a word, and what is on the screen may be old.
 */
export async function runLiveStream(options: LiveStreamOptions): Promise<void> {
  const { signal } = options
  let batch: Change[] = []
  let lastId = ''
  let batchTimer: ReturnType<typeof setTimeout> | undefined
  let silenceTimer: ReturnType<typeof setTimeout> | undefined
  let silenceMs = 20_000

  const flush = () => {
    clearTimeout(batchTimer)
    batchTimer = undefined
    if (batch.length === 0 || signal.aborted) return
    const changes = batch
    batch = []
    options.onChanges(changes)
    options.onSeen(lastId)
  }
  const heard = () => {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(() => options.onState('lost'), silenceMs)
  }
  const take = (event: StreamEvent) => {
    heard()
    switch (event.event) {
      case 'hello':
        silenceMs = event.data.heartbeatSeconds * 2000 + 1000
        heard()
        options.onState('live')
        lastId = event.id
        options.onSeen(event.id)
        if (!event.data.resumed) options.onReset()
        return
      case 'change':
        lastId = event.id
        batch.push(event.data)
        if (batch.length >= mostInBatch) flush()
        else batchTimer ??= setTimeout(flush, batchMs)
        return
      case 'rows':
        // the server has gathered them
        return options.onRows?.(event.data.topic, event.data.items)
      case 'relist':
        return options.onRelist?.(event.data.topic)
      case 'reset':
        batch = []
        options.onReset()
        return
      case 'end':
        options.onState('lost')
        if (event.data.code === 'signed-out') options.onSignedOut()
        return
      case 'heartbeat':
        options.onState('live')
        return
      default:
        event satisfies never
    }
  }

  options.onState('connecting')
  heard()
  try {
    const query = {
      topics: options.topics.join(','),
      ...(options.lastEventId ? { lastEventId: options.lastEventId } : {}),
    }
    for await (const event of options.open({ query, signal })) take(event)
  } catch {
    if (!signal.aborted) options.onSignedOut()
  } finally {
    clearTimeout(silenceTimer)
    flush()
    clearTimeout(batchTimer)
  }
}
