import type { Failure, LogItem } from '@flotilla/api'
import type { Clock, KubeClient } from '@flotilla/kube'
import { asFlotillaError } from '@flotilla/model'
import { LogQueue, type LogSource } from './log-queue.ts'
import { LogSplitter } from './split-log.ts'

/** One container whose log is wanted, with the client that may read it. */
export interface LogPlace extends LogSource {
  readonly component: string
  /** Changes when the container starts anew: its log is another one. */
  readonly life: string
  readonly state: 'waiting' | 'running' | 'ended'
  /** Why it waits, as the cluster says it. */
  readonly waitingFor?: string | undefined
  readonly client: KubeClient
}

export interface FollowLogs {
  /** Finds the containers; asked again while following. `over` ends it all, with its reason. */
  readonly find: (
    signal: AbortSignal,
  ) => Promise<{ places: readonly LogPlace[]; failures: readonly Failure[]; over?: string | undefined }>
  /** Asked each second whatever `find` waits for; it ends all of it, too. */
  readonly over?: (() => string | undefined) | undefined
  readonly follow: boolean
  readonly previous: boolean
  readonly tail: number
  readonly sinceSeconds: number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

const mostStreams = 50
const findEveryMs = 5000
const overEveryMs = 1000
const heartbeatMs = 15_000
const queueLimits = { items: 10_000, bytes: 4 * 1024 * 1024 }

interface Opened {
  life: string
  /** Time of the last line, to go on from after a break. */
  lastAt: string | undefined
  running: boolean
}

/** Lines of many containers as one stream: bounded, each with where it came from, and always with an end that says why. */
export async function* followLogs(options: FollowLogs): AsyncGenerator<LogItem> {
  const { follow, clock, signal } = options
  const queue = new LogQueue(queueLimits, follow)
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const opened = new Map<string, Opened>()
  const failed = new Map<string, string>()
  const running = new Set<Promise<void>>()
  const waiting: LogItem[] = []
  let lines = 0

  const open = (place: LogPlace, first: boolean): void => {
    const key = `${place.cluster}/${place.namespace}/${place.pod}/${place.container}`
    const before = opened.get(key)
    if (before?.running === true) return
    const again = before?.life === place.life
    if (again && (!follow || place.state !== 'running')) return
    if (place.state === 'waiting' && !options.previous) {
      if (first) waiting.push({ type: 'closed', ...sourceOf(place), reason: waitText(place) })
      return
    }
    // the same life again: its stream broke, and goes on after the last line
    const goOn = again ? before.lastAt : undefined
    const state: Opened = { life: place.life, lastAt: goOn, running: true }
    opened.set(key, state)
    const work = readOne(place, state, { ...options, tail: first ? options.tail : -1 }, queue, both).finally(() => {
      state.running = false
      running.delete(work)
    })
    running.add(work)
  }

  const look = async (first: boolean): Promise<string | undefined> => {
    const { places, failures, over } = await options.find(both)
    if (over !== undefined) return over
    for (const { cluster, reason } of failures) {
      if (failed.get(cluster) === reason) continue
      failed.set(cluster, reason)
      await queue.push({ type: 'failed', cluster, reason })
    }
    for (const cluster of failed.keys()) if (!failures.some((one) => one.cluster === cluster)) failed.delete(cluster)
    const shown = places.slice(0, mostStreams)
    for (const place of shown) open(place, first)
    for (const item of waiting.splice(0)) await queue.push(item)
    if (first && places.length > mostStreams)
      await queue.push({
        type: 'failed',
        cluster: places[mostStreams]?.cluster ?? '',
        reason: `${places.length - mostStreams} more containers are not shown; choose a cluster, component or pod`,
      })
    return undefined
  }

  const work = async (): Promise<string> => {
    let over = await look(true)
    if (over !== undefined) return over
    if (!follow) {
      await Promise.all(running)
      return opened.size === 0 ? 'No container was found' : 'That is all'
    }
    let heartbeatAt = clock.elapsed() + heartbeatMs
    for (;;) {
      await clock.sleep(findEveryMs, both)
      if (clock.elapsed() >= heartbeatAt) {
        heartbeatAt = clock.elapsed() + heartbeatMs
        await queue.push({ type: 'heartbeat', at: new Date(clock.now()).toISOString() })
      }
      over = await look(false)
      if (over !== undefined) return over
    }
  }

  const ended = async (): Promise<string> => {
    for (;;) {
      await clock.sleep(overEveryMs, both)
      const over = options.over?.()
      if (over !== undefined) return over
    }
  }

  let reason = ''
  let thrown: unknown
  const done = Promise.race([work(), ...(options.over === undefined ? [] : [ended()])])
    .then(
      (text) => (reason = text),
      (error: unknown) => (thrown = error),
    )
    .finally(() => queue.end())
  try {
    for await (const item of queue.take()) {
      if (item.type === 'line') lines++
      yield item
    }
    await done
    if (thrown !== undefined && !signal.aborted && lines === 0 && opened.size === 0) throw asFlotillaError(thrown)
    yield { type: 'end', reason: thrown === undefined ? reason : asFlotillaError(thrown).message, lines }
  } finally {
    stop.abort()
    queue.end()
    await Promise.allSettled(running)
  }
}

const sourceOf = ({ cluster, namespace, pod, container }: LogPlace): LogSource => ({
  cluster,
  namespace,
  pod,
  container,
})

const waitText = ({ waitingFor }: LogPlace): string =>
  waitingFor === undefined ? 'It has not started' : `It has not started: ${waitingFor}`

async function readOne(
  place: LogPlace,
  state: Opened,
  options: Pick<FollowLogs, 'follow' | 'previous' | 'tail' | 'sinceSeconds'>,
  queue: LogQueue,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, pod, container, component } = place
  const source = sourceOf(place)
  const after = state.lastAt
  try {
    const stream = await place.client.logs(
      { namespace, name: pod },
      {
        container,
        follow: options.follow,
        previous: options.previous,
        timestamps: true,
        ...(after !== undefined
          ? { sinceTime: after }
          : {
              ...(options.tail < 0 ? {} : { tailLines: options.tail }),
              ...(options.sinceSeconds === undefined ? {} : { sinceSeconds: options.sinceSeconds }),
            }),
        signal,
      },
    )
    await queue.push({ type: 'opened', ...source, component })
    const splitter = new LogSplitter()
    const send = async (split: ReturnType<LogSplitter['end']>): Promise<void> => {
      for (const { at, text, cut } of split) {
        if (at !== undefined) {
          if (after !== undefined && at <= after) continue
          state.lastAt = at
        }
        await queue.push({ type: 'line', ...source, at, text, ...(cut === 0 ? {} : { cut }) })
      }
    }
    for await (const bytes of stream) await send(splitter.push(bytes))
    await send(splitter.end())
    await queue.push({ type: 'closed', ...source, reason: options.follow ? 'The log ended' : 'That is all' })
  } catch (thrown) {
    if (signal.aborted) return
    await queue.push({ type: 'closed', ...source, reason: asFlotillaError(thrown).message })
  }
}
