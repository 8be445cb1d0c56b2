import { useEffect, useRef, useState } from 'react'
import type { LogItem } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import type { Text } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import type { DockTab, LogsOf } from './dock-store.ts'
import { appendLines, emptyLog, type LogBuffer, type LogLine } from './log-buffer.ts'
import { type LogState, readLogs } from './read-logs.ts'

/** Lines are gathered this long before they are drawn. */
const paintMs = 80
let nextId = 1

const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()))
  })

/** An item as a line of the view; heartbeats say nothing to a person. */
function lineOf(item: LogItem, { t, f }: Text): LogLine | undefined {
  const note = (cluster: string, pod: string, text: string): LogLine => ({
    id: nextId++,
    cluster,
    pod,
    text,
    kind: 'note',
  })
  switch (item.type) {
    case 'line': {
      const text = item.cut === undefined ? item.text : `${item.text} ${t.logs.cutLine(f.bytes(item.cut))}`
      return { id: nextId++, at: item.at, cluster: item.cluster, pod: item.pod, text, kind: 'line' }
    }
    case 'dropped':
      return note(item.cluster, item.pod, t.logs.dropped(item.lines, item.reason))
    case 'closed':
      return note(item.cluster, item.pod, t.logs.closed(item.container, item.reason))
    case 'failed':
      return note(item.cluster, '', t.app.failure(item.cluster, item.reason))
    case 'opened':
    case 'heartbeat':
    case 'end':
      return undefined
    default:
      return item satisfies never
  }
}

/** The same question about one pod that may belong to no application. */
function podLogs(
  { clusters: [cluster = ''], namespace = '', pod = '' }: LogsOf,
  { query = {}, signal }: Parameters<typeof api.applications.logs>[0],
): AsyncIterable<LogItem> {
  const { follow, previous, tail, sinceSeconds } = query
  const given = { namespace, follow, previous, tail, ...(sinceSeconds === undefined ? {} : { sinceSeconds }) }
  return api.resources.logs({ params: { cluster, name: pod }, query: given, signal })
}

/** Logs of one tab, live. While `frozen` new lines wait out of sight. */
export function useLogStream(
  tab: DockTab & { readonly logs: LogsOf },
  frozen: boolean,
): { buffer: LogBuffer; state: LogState } {
  const [buffer, setBuffer] = useState<LogBuffer>(emptyLog)
  const [state, setState] = useState<LogState>({ state: 'connecting' })
  const text = useText()
  const latest = useRef({ frozen, text })
  useEffect(() => {
    latest.current = { frozen, text }
    // what waited is shown as soon as the view goes on
    if (!frozen) setBuffer((before) => (before.held.length === 0 ? before : appendLines(before, [], false)))
  }, [frozen, text])

  // the stream is a connection to the outside: it lives as long as its tab is shown
  useEffect(() => {
    const ended = new AbortController()
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const paint = () => {
      timer = undefined
      const lines = waiting
      waiting = []
      setBuffer((before) => appendLines(before, lines, latest.current.frozen))
    }
    void readLogs({
      open: (input) => (tab.logs.application === undefined ? podLogs(tab.logs, input) : api.applications.logs(input)),
      logs: tab.logs,
      signal: ended.signal,
      now: Date.now,
      wait,
      onItem(item) {
        const line = lineOf(item, latest.current.text)
        if (line === undefined) return
        waiting.push(line)
        timer ??= setTimeout(paint, paintMs)
      },
      onState: (next) => setState((before) => (before.state === next.state ? before : next)),
    })
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, [tab])
  return { buffer, state }
}
