import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { resourceTopic } from '@flotilla/api'
import { openIndexWorld, untilRead } from './support/open-index-world.ts'
import { percentile, spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const pods = 2500
const perSecond = 200
const seconds = 10
const toReachMs = 100

/** B6: from a change in a member to its row at a reader of the live stream, beside a plain watch of the same API server. */
export async function runFreshness({ rounds = 5, signal, say }: RunOptions): Promise<Outcome> {
  await using world = await openIndexWorld(pods, say)
  const server = await world.startServer(1)
  const stop = new AbortController()
  try {
    await untilRead(server.api, pods, signal)
    const { items, resourceVersion } = await world.client.list(
      { group: '', kind: 'Pod' },
      { labelSelector: 'bench=pod', project: ({ metadata }) => metadata },
    )
    const direct = new Map<string, number>()
    const streamed = new Map<string, number>()
    const seqOf = (labels: Readonly<Record<string, string>> | undefined): string => labels?.['seq'] ?? ''
    const plain = (async () => {
      for await (const event of world.client.watch(
        { group: '', kind: 'Pod' },
        { labelSelector: 'bench=pod', resourceVersion, signal: stop.signal },
      ))
        if (event.type === 'MODIFIED') direct.set(seqOf(event.object.metadata.labels), performance.now())
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
    const opened = Promise.withResolvers<void>()
    const live = (async () => {
      const topics = resourceTopic('pods', { labels: 'bench=pod' })
      for await (const event of server.api.stream.watch({ query: { topics }, signal: stop.signal })) {
        if (event.event === 'hello') opened.resolve()
        if (event.event === 'rows')
          for (const { row } of event.data.items) streamed.set(seqOf(row?.labels), performance.now())
      }
    })()
    await opened.promise
    const extra: number[][] = []
    for (let round = 0; round < rounds; round++) {
      const began = performance.now()
      const writes: Promise<unknown>[] = []
      const seqs: string[] = []
      for (let at = 0; at < perSecond * seconds; at++) {
        const early = began + (at * 1000) / perSecond - performance.now()
        if (early > 1) await wait(early, undefined, { signal })
        const { namespace, name = '' } = items[at % items.length] ?? {}
        const seq = `${round}-${at}`
        seqs.push(seq)
        const patch = { type: 'merge', body: { metadata: { labels: { seq } } } } as const
        writes.push(world.client.patch({ group: '', kind: 'Pod', namespace, name }, patch))
      }
      await Promise.all(writes)
      const deadline = performance.now() + 10_000
      while (seqs.some((seq) => !streamed.has(seq)) && performance.now() < deadline) await wait(20)
      const missed = seqs.filter((seq) => !streamed.has(seq) || !direct.has(seq))
      assert.equal(missed.length, 0, `${missed.length} changes were not seen`)
      extra.push(seqs.map((seq) => (streamed.get(seq) ?? 0) - (direct.get(seq) ?? 0)))
      say(`round ${round + 1}: + ${percentile(extra.at(-1) ?? [], 99).toFixed(1)} ms p99`)
    }
    stop.abort()
    await Promise.all([plain, live])
    const p99 = spreadOf(extra.map((all) => percentile(all, 99)))
    return {
      title: 'a change in a member, at a reader of the live stream',
      conditions: [
        `${perSecond} changes a second of ${pods} pods (kwok) for ${seconds} s; what the stream takes longer than a plain watch of the same API server, in one process.`,
        'The reader is the typed client; what a browser then takes to paint is not in it. All share the two processors.',
      ],
      checked: 'every change was seen by both.',
      versions: { Kubernetes: world.version },
      figures: [
        {
          what: 'Later than the plain watch, p99',
          unit: 'ms',
          value: p99,
          toReach: `<= ${toReachMs} ms`,
          reached: p99.median <= toReachMs,
        },
        {
          what: 'Later than the plain watch, median',
          unit: 'ms',
          value: spreadOf(extra.map((all) => percentile(all, 50))),
        },
      ],
      samples: { extra },
    }
  } finally {
    stop.abort()
    server.stop()
  }
}
