import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Delivery, FlotillaError } from '@flotilla/model'
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
  memory.hide(new Map([['one', { ...set, secrets: ['hunter22/?'] }]]), () => true)
  memory.hide(new Map([['two', set]]), () => true)
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

const holding = (...secrets: string[]) => ({ ...set, secrets })

test('secrets of all current sets are hidden, however many, also of one that the cache has dropped since', () => {
  const memory = new DeliveryMemory()
  const many = Array.from({ length: 6_000 }, (_, at) => `${at}-rotated-secret`)
  const current = new Set(['old', 'new'])
  const isCurrent = (digest: string): boolean => current.has(digest)
  memory.hide(new Map([['old', holding(...many)]]), isCurrent)
  memory.hide(new Map([['new', holding('fresh-secret')]]), isCurrent)
  assert.equal(memory.clean('17-rotated-secret and fresh-secret'), '••• and •••')
  current.delete('old')
  memory.hide(new Map(), isCurrent)
  assert.equal(memory.clean('17-rotated-secret and fresh-secret'), '17-rotated-secret and •••')
})

test('what is kept of a refusal stays clean when its secrets are forgotten, and only what is shown is cleaned', () => {
  const memory = new DeliveryMemory()
  memory.hide(new Map([['old', holding('hunter22')]]), () => true)
  let read = 0
  const failures = Array.from({ length: 1_000 }, () => ({
    ref: { group: '', version: 'v1', kind: 'Service', namespace: 'shop', name: 'web' },
    code: 'kube.invalid' as const,
    get message() {
      read++
      return 'it says hunter22'
    },
  }))
  memory.remember('apply', { ...applied, failures })
  memory.hide(new Map(), () => false)
  const kept = memory.results.get('apply')
  assert.ok(kept?.kind === 'applied')
  const shown = kept.failures.slice(0, 20).map(({ message }) => message)
  assert.deepEqual([new Set(shown), read], [new Set(['it says •••']), 20])
})

test('goes on from what is not written yet, until somebody else writes or it is written', () => {
  const memory = new DeliveryMemory()
  const at = (resourceVersion: string, phase: 'DryRun' | 'Applying' | 'Settled'): Delivery => ({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Delivery',
    metadata: { name: 'web', uid: 'u', resourceVersion },
    spec: {
      application: { name: 'web', uid: 'a' },
      project: { name: 'shop', uid: 'p', scope: 'Namespaced' },
      target: { cluster: 'east', namespace: 'shop' },
      driftPolicy: 'Repair',
      deletionPolicy: 'Delete',
      paused: false,
    },
    status: { phase },
  })
  memory.wrote(at('5', 'DryRun'))
  memory.advance(at('5', 'DryRun'), { phase: 'Applying' })
  assert.equal(memory.isAhead, true)
  assert.equal(memory.newest(at('4', 'Settled')).status?.phase, 'Applying', 'the watch is behind')
  assert.equal(memory.newest(at('5', 'DryRun')).status?.phase, 'Applying')
  assert.equal(memory.newest(at('6', 'DryRun')).status?.phase, 'DryRun')
  assert.equal(memory.isAhead, false)
  memory.advance(at('6', 'DryRun'), { phase: 'Applying' })
  memory.wrote(at('7', 'Settled'))
  assert.equal(memory.newest(at('6', 'DryRun')).status?.phase, 'Settled')
})
