import { useEffect, useState } from 'react'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { placeInLists } from '../query/use-resources.ts'
import { applyChanges } from './apply-changes.ts'
import { keysOfTopic } from './keys-of-topic.ts'
import { type LiveState, runLiveStream } from './run-live-stream.ts'

/** Lists whose order has to be asked for are read again at most this often. */
const relistMs = 2000
let lastEventId: string | undefined
let relistTimer: ReturnType<typeof setTimeout> | undefined
/** Topics of the stream before this one: of others it told nothing. */
let heard: ReadonlySet<string> = new Set()

/** What the stream keeps true; the rest (who am I, schemas, what may I do) does not change with it. */
const still = new Set<unknown>([keys.session[0], 'access', 'schema', 'palette'])
const isLive = (query: { readonly queryKey: readonly unknown[] }): boolean => !still.has(query.queryKey[0])

function relistSoon(): void {
  relistTimer ??= setTimeout(() => {
    relistTimer = undefined
    for (const queryKey of [keys.applicationLists, keys.applicationCount, keys.releaseLists, keys.releaseCount])
      void queryClient.invalidateQueries({ queryKey })
  }, relistMs)
}

function refreshOlder(queryKey: readonly unknown[], than: number): void {
  const isOlder = ({ state }: { readonly state: { readonly dataUpdatedAt: number } }): boolean =>
    state.dataUpdatedAt > 0 && state.dataUpdatedAt < than
  void queryClient.invalidateQueries({ queryKey, predicate: isOlder })
}

/** Keeps the query cache true while the shell is open. One stream; it is opened again when the topics change. */
export function useLiveStream(topics: readonly string[]): LiveState {
  const [state, setState] = useState<LiveState>('connecting')
  const wanted = topics.join(',')
  // the stream is a connection to the outside: it lives as long as the shell and these topics do
  useEffect(() => {
    const ended = new AbortController()
    const openedAt = Date.now()
    let unheard = wanted.split(',').filter((topic) => !heard.has(topic))
    heard = new Set(wanted.split(','))
    void runLiveStream({
      open: (input) => api.stream.watch(input),
      topics: wanted.split(','),
      lastEventId,
      signal: ended.signal,
      onChanges(changes) {
        if (applyChanges(queryClient, changes)) relistSoon()
      },
      onRows: (topic, items) => placeInLists(queryClient, topic, items),
      onRelist: (topic) => void queryClient.invalidateQueries({ queryKey: keys.resourceLists(topic) }),
      onSeen: (id) => {
        lastEventId = id
        // from here on they are told of; what was kept of them before may be old
        for (const queryKey of unheard.flatMap(keysOfTopic)) refreshOlder(queryKey, openedAt)
        unheard = []
      },
      onReset: () => void queryClient.invalidateQueries({ predicate: isLive }),
      onState: setState,
      onSignedOut: () => void queryClient.invalidateQueries({ queryKey: keys.session }),
    })
    return () => ended.abort()
  }, [wanted])
  return state
}
