import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { redactor } from '@flotilla/render'
import { DeliveryMemory } from './delivery/delivery-memory.ts'
import type { StoredSet } from './rendered-set.ts'
import { tellOf } from './rollout/steps/step-telling.ts'
import { secretsOf } from './secrets-of.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const metadata = { name: 'db', namespace: 'shop' }
const dsn = 'postgres://app:from-a-hook@db/shop'
const binary = Buffer.from([0xff, 0xfe, 0x01, 0x80, 0x81]).toString('base64')
const set: StoredSet = {
  component: 'web',
  crds: [],
  objects: [
    { apiVersion: 'v1', kind: 'Secret', metadata, data: { password: base64('of-an-object'), key: binary } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { greeting: 'is-no-secret' } },
  ],
  hooks: [
    {
      name: 'db-dsn',
      object: { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { dsn }, data: { short: base64('no') } },
      events: ['pre-install'],
      weight: 0,
      deletePolicies: [],
    },
  ],
  notes: '',
  secrets: ['from-the-values'],
}
const told = `from-the-values of-an-object ${base64('of-an-object')} ${dsn} is-no-secret no ${binary}`
const hidden = '••• ••• ••• ••• is-no-secret no •••'

test('what the Secrets of a set hold is secret, of objects and of hooks, decoded or not', () => {
  assert.equal(redactor(secretsOf(set))(told), hidden)
  assert.equal(secretsOf(set), secretsOf(set), 'is computed once')
})

test('neither what a delivery says nor what a step of a rollout says holds any of it', async () => {
  const memory = new DeliveryMemory()
  memory.hide(new Map([['d', set]]), () => true)
  assert.equal(memory.clean(told), hidden)
  const component = { name: 'web', digest: 'd', images: [], ownOverrides: 0, hookTimeoutSeconds: 300 }
  const place = { cluster: 'east', namespace: 'shop', delivery: 'x', stage: 'all' }
  const want = { digest: 'w', components: [component] }
  const { clean, withLog } = await tellOf({ get: async () => set }, { ...place, want })
  assert.deepEqual([clean(told), withLog], [hidden, true])
})
