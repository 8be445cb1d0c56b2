import { useEffect, useState } from 'react'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { placeInLists } from '../query/use-resources.ts'
import { applyChanges } from './apply-changes.ts'
import { type LiveState, runLiveStream } from './run-live-stream.ts'

/** Lists whose order has to be asked for are read again at most this often. */
const relistMs = 2000
let lastEventId: string | undefined
let relistTimer: ReturnType<typeof setTimeout> | undefined

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

/** Keeps the query cache true while the shell is open. One stream; it is opened again when the topics change. */
export function useLiveStream(topics: readonly string[]): LiveState {
  const [state, setState] = useState<LiveState>('connecting')
  const wanted = topics.join(',')
  // the stream is a connection to the outside: it lives as long as the shell and these topics do
  useEffect(() => {
    const ended = new AbortController()
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
      },
      onReset: () => void queryClient.invalidateQueries({ predicate: isLive }),
      onState: setState,
      onSignedOut: () => void queryClient.invalidateQueries({ queryKey: keys.session }),
    })
    return () => ended.abort()
  }, [wanted])
  return state
}
