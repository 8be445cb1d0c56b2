import type { ApiClient, LogItem } from '@flotilla/api'
import type { LogsOf } from './dock-store.ts'

export interface ReadLogsOptions {
  readonly open: ApiClient['applications']['logs']
  readonly logs: LogsOf
  readonly signal: AbortSignal
  readonly now: () => number
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onItem: (item: LogItem) => void
  readonly onState: (state: LogState) => void
}

export type LogState =
  | { readonly state: 'connecting' }
  | { readonly state: 'reading' }
  | { readonly state: 'broken' }
  | { readonly state: 'ended'; readonly reason: string }
  | { readonly state: 'refused'; readonly error: unknown }

const firstTail = 200
const longestWaitMs = 10_000

/** Reads logs until they end or `signal`; after a break it goes on where it was, without showing a line twice. */
export async function readLogs(options: ReadLogsOptions): Promise<void> {
  const { logs, signal } = options
  const { project = '', application = '' } = logs
  let lastAt: string | undefined
  let waitMs = 500
  const seenAt = (item: LogItem): string | undefined => (item.type === 'line' ? item.at : undefined)

  while (!signal.aborted) {
    options.onState({ state: 'connecting' })
    const resumeAfter = lastAt
    const query = {
      follow: !logs.previous,
      previous: logs.previous,
      tail: firstTail,
      ...(logs.clusters.length === 0 ? {} : { cluster: [...logs.clusters] }),
      ...(logs.component === undefined ? {} : { component: [logs.component] }),
      ...(logs.namespace === undefined ? {} : { namespace: logs.namespace }),
      ...(logs.pod === undefined ? {} : { pod: [logs.pod] }),
      ...(resumeAfter === undefined
        ? {}
        : { tail: 10_000, sinceSeconds: Math.max(1, Math.ceil((options.now() - Date.parse(resumeAfter)) / 1000) + 1) }),
    }
    try {
      for await (const item of options.open({ params: { project, application }, query, signal })) {
        waitMs = 500
        if (item.type === 'end') return options.onState({ state: 'ended', reason: item.reason })
        options.onState({ state: 'reading' })
        const at = seenAt(item)
        if (at !== undefined && resumeAfter !== undefined && at <= resumeAfter) continue
        if (at !== undefined && (lastAt === undefined || at > lastAt)) lastAt = at
        options.onItem(item)
      }
    } catch (error) {
      if (signal.aborted) return
      if (isRefusal(error)) return options.onState({ state: 'refused', error })
    }
    if (signal.aborted) return
    // no `end`: the answer was cut
    options.onState({ state: 'broken' })
    await options.wait(waitMs, signal)
    waitMs = Math.min(waitMs * 2, longestWaitMs)
  }
}

const isRefusal = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'next' in error && error.next === 'reject'
