import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import type { EffectResult } from '@flotilla/reconcile'
import { DeliveryMemory, SetCache } from './delivery-memory.ts'

const set = { component: 'web', crds: [], objects: [], hooks: [], notes: '' }

test('loaded sets are bounded by their bytes, and those that are needed together stay together', () => {
  const cache = new SetCache(100)
  for (const digest of ['a', 'b', 'c']) cache.put(digest, { set, bytes: 40 }, new Set([digest]))
  assert.equal(cache.bytes, 80)
  assert.equal(cache.get('a'), undefined)
  cache.get('b')
  cache.put('d', { set, bytes: 40 }, new Set(['d']))
  assert.equal(cache.get('c'), undefined)
  assert.equal(cache.get('b'), set)
  const together = new Set(['x', 'y'])
  for (const digest of together) cache.put(digest, { set, bytes: 90 }, together)
  assert.deepEqual([cache.get('x'), cache.get('y'), cache.get('b')], [set, set, undefined])
  assert.equal(cache.bytes, 180)
  cache.put('y', { set, bytes: 10 }, together)
  assert.equal(cache.bytes, 100)
})

const applied: EffectResult = { kind: 'applied', applied: new Map(), failures: [], skipped: [], at: '' }

test('what many applies left does not pile up, and the newest is kept', () => {
  const memory = new DeliveryMemory()
  memory.remember('drift/1', { kind: 'drift', paths: [] })
  for (let number = 1; number <= 100; number++) memory.remember(`apply/${number}`, applied)
  assert.equal(memory.results.get('apply/100'), applied)
  assert.equal(memory.results.get('apply/1'), undefined)
  assert.ok(memory.results.size <= 5, `${memory.results.size} results are kept`)
  assert.deepEqual(memory.results.get('drift/1'), { kind: 'drift', paths: [] })
})

test('what a cluster says of an object is kept without the secrets that it quotes', () => {
  const memory = new DeliveryMemory()
  const ref = { group: '', version: 'v1', kind: 'Service', namespace: 'shop', name: 'web' }
  const message = 'spec.type: Unsupported value: "hunter22/?"'
  memory.hide(['hunter22/?'])
  memory.hide(undefined)
  const failures = [{ ref, code: 'kube.invalid', message }] as const
  memory.remember('dry-run', { kind: 'failures', failures, skipped: [] })
  memory.remember('hook', { kind: 'refused', code: 'kube.invalid', message })
  memory.remember('apply', { ...applied, failures })
  const kept = JSON.stringify([...memory.results.values()])
  assert.ok(!kept.includes('hunter22'), kept)
  assert.ok(kept.includes('Unsupported value'), 'the rest is told')
  const error = memory.cleanError(
    new FlotillaError('kube.webhook', { message: 'denied: aHVudGVyMjIvPw==', retryAfter: 3 }),
  )
  assert.deepEqual([error.code, error.message, error.retryAfter], ['kube.webhook', 'denied: •••', 3])
})
