import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ChangeQueues } from './change-queue.ts'
import { WatchStore } from './watch-store.ts'
import type { WatchChange } from './watch.ts'

const steps = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() }), {
  maxLength: 60,
})

test('a slow reader ends at the true state and never holds more than one change per object', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const queues = new ChangeQueues<number>()
      const store = new WatchStore<number>((change) => queues.push(change))
      const reader = queues.read(undefined)[Symbol.asyncIterator]()
      const seen = new Map<string, number>()
      const take = (change: WatchChange<number>): void => {
        if (change.type === 'modified') assert.equal(seen.get(change.key), change.previous)
        assert.equal(seen.has(change.key), change.type !== 'added')
        if (change.type === 'deleted') seen.delete(change.key)
        else seen.set(change.key, change.object)
      }
      let version = 0
      for (const { key, remove } of sequence) {
        version++
        if (remove) store.remove(key)
        else store.put({ key, version: String(version), object: version })
      }
      queues.close()
      let read = 0
      for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
        take(next.value)
        read++
      }
      assert.ok(read <= 3)
      assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(store.objects))
    }),
  )
})

test('a reader that reads as it goes sees each step', async () => {
  const queues = new ChangeQueues<number>()
  const store = new WatchStore<number>((change) => queues.push(change))
  const reader = queues.read(undefined)[Symbol.asyncIterator]()
  const types: string[] = []
  const next = async (): Promise<void> => {
    const { value } = (await reader.next()) as { value: WatchChange<number> }
    types.push(value.type)
  }
  store.put({ key: 'a', version: '1', object: 1 })
  await next()
  store.put({ key: 'a', version: '2', object: 2 })
  await next()
  store.remove('a')
  await next()
  assert.deepEqual(types, ['added', 'modified', 'deleted'])
})

test('an older or equal version changes nothing', () => {
  const changes: WatchChange<string>[] = []
  const store = new WatchStore<string>((change) => changes.push(change))
  store.put({ key: 'a', version: '10', object: 'new' })
  store.put({ key: 'a', version: '9', object: 'old' })
  store.put({ key: 'a', version: '10', object: 'same' })
  assert.equal(store.objects.get('a'), 'new')
  assert.equal(changes.length, 1)
})
