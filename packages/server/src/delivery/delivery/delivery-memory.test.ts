import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EffectResult } from '@flotilla/reconcile'
import { DeliveryMemory } from './delivery-memory.ts'

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
