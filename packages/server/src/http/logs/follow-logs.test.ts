import assert from 'node:assert/strict'
import { addAbortSignal, Readable } from 'node:stream'
import { test } from 'node:test'
import { systemClock, type KubeClient, type LogOptions } from '@flotilla/kube'
import { followLogs } from './follow-logs.ts'

test('a log whose stream broke goes on after its last line, however wrong the clock here is', async () => {
  const asked: LogOptions[] = []
  const answers = [
    '2026-01-01T00:00:01.5Z one\n2026-01-01T00:00:02.5Z two\n',
    '2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:03.5Z three\n',
  ]
  // only what a log is read with
  const client = {
    logs: async (_pod: unknown, options: LogOptions) => {
      asked.push(options)
      return Readable.from([Buffer.from(answers[asked.length - 1] ?? '')])
    },
  } as unknown as KubeClient
  const place = { cluster: 'east', namespace: 'shop', pod: 'web', container: 'web', component: 'web' } as const
  let looks = 0
  const lines: string[] = []
  const items = followLogs({
    find: async () => {
      looks++
      const over = looks > 3 ? 'enough' : undefined
      return { places: [{ ...place, life: '1', state: 'running', client }], failures: [], over }
    },
    follow: true,
    previous: false,
    tail: 10,
    sinceSeconds: undefined,
    // ten minutes behind the node's
    clock: { ...systemClock, now: () => Date.parse('2025-12-31T23:50:00Z'), sleep: async () => systemClock.sleep(20) },
    signal: AbortSignal.timeout(10_000),
  })
  for await (const item of items) if (item.type === 'line') lines.push(item.text)
  assert.deepEqual(lines.slice(0, 3), ['one', 'two', 'three'])
  const [first, second] = asked
  assert.deepEqual([first?.tailLines, first?.sinceTime], [10, undefined])
  assert.deepEqual([second?.sinceTime, second?.sinceSeconds], ['2026-01-01T00:00:02.5Z', undefined])
})

test('a log ends when its session does, although what is asked of the cluster hangs', async () => {
  const logs = async (_pod: unknown, { signal }: LogOptions) => {
    const silent = new Readable({ read: () => undefined })
    return signal === undefined ? silent : addAbortSignal(signal, silent)
  }
  const client = { logs } as unknown as KubeClient
  const place = { cluster: 'east', namespace: 'shop', pod: 'web', container: 'web', component: 'web' } as const
  let looks = 0
  let over: string | undefined
  const items = followLogs({
    find: async () => {
      if (++looks > 1) await new Promise(() => undefined)
      return { places: [{ ...place, life: '1', state: 'running', client }], failures: [] }
    },
    over: () => over,
    follow: true,
    previous: false,
    tail: 10,
    sinceSeconds: undefined,
    clock: { ...systemClock, sleep: async () => systemClock.sleep(5) },
    signal: AbortSignal.timeout(10_000),
  })
  const seen: string[] = []
  for await (const item of items) {
    seen.push(item.type === 'end' ? item.reason : item.type)
    if (looks > 0) over = 'The session is over'
  }
  assert.deepEqual(seen, ['opened', 'The session is over'])
})
