import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { apiVersion, Delivery } from '@flotilla/model'
import { frozenDigestInput } from './frozen-digest.ts'
import { computeFrozenTargets, type FrozenTargetsQuestion } from './frozen-targets.ts'

const delivery = (cluster: string, desired?: Record<string, unknown>): Delivery =>
  Delivery.parse({
    apiVersion,
    kind: 'Delivery',
    metadata: { name: `web.${cluster}` },
    spec: {
      application: { name: 'web', uid: 'u' },
      project: { name: 'shop', uid: 'p' },
      target: { cluster, namespace: 'shop', environment: 'prod' },
      ...(desired === undefined ? {} : { desired: { revision: 1, ...desired } }),
    },
  })
const before = { digest: 'old', components: [{ name: 'web', digest: 'set-old' }] }
const compute = (more: Partial<FrozenTargetsQuestion>) =>
  computeFrozenTargets({
    application: 'web',
    project: 'shop',
    release: 'r1',
    spec: { deletionPolicy: 'Delete' },
    targets: [{ cluster: 'east', namespace: 'shop', labels: {} }],
    wanted: new Map([['east/shop', { state: 'wanted', digest: 'new', components: [], inputs: {}, findings: [] }]]),
    deliveries: [],
    removed: () => false,
    ...more,
  })

describe('frozen targets', () => {
  test('get what was rendered, over what they have', () => {
    const [fresh] = compute({})
    assert.deepEqual(
      [fresh?.delivery, fresh?.digest, fresh?.release, fresh?.baseline],
      ['web.east', 'new', 'r1', undefined],
    )
    const [known] = compute({ deliveries: [delivery('east', { ...before, release: 'r0' })] })
    assert.deepEqual([known?.baseline?.digest, known?.baseline?.release], ['old', 'r0'])
  })

  test('one that left is emptied, unless its objects stay, it is going already or never had anything', () => {
    const [, left] = compute({ deliveries: [delivery('west', before)] })
    assert.deepEqual([left?.cluster, left?.components, left?.baseline?.digest], ['west', [], 'old'])
    assert.equal(compute({ deliveries: [delivery('west', before)], spec: { deletionPolicy: 'Keep' } }).length, 1)
    assert.equal(compute({ deliveries: [delivery('west')] }).length, 1)
    assert.equal(compute({ deliveries: [delivery('west', before)], removed: (name) => name === 'west' }).length, 1)
  })

  test('one that was not rendered is none', () => {
    assert.deepEqual(compute({ wanted: new Map([['east/shop', { state: 'pending' }]]) }), [])
  })

  test('are named by the digest in one order', () => {
    const [a, b] = [
      { cluster: 'a', namespace: 'x', digest: '1' },
      { cluster: 'b', namespace: 'x', digest: '2' },
    ]
    assert.deepEqual(frozenDigestInput([b, a]), frozenDigestInput([a, b]))
  })
})
