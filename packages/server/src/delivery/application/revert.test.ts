import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec } from '@flotilla/model'
import { pinRevision } from './revert.ts'

const spec = (more: object = {}): ApplicationSpec =>
  ApplicationSpec.parse({ components: [{ name: 'web', manifests: { inline: 'a: b' } }], ...more })
const at = (cluster: string) => ({ placement: { clusters: { names: [cluster] } } })
const then = {
  applicationUid: 'uid',
  project: 'shop',
  application: 'web',
  revision: 3,
  at: '2026-01-01T00:00:00Z',
  by: 'flotilla',
  reason: '',
  spec: spec({ ...at('west'), standby: [{ clusters: { names: ['west'] } }], move: 'old' }),
  sources: [],
  targets: {},
}
const now = (more: object, annotations: Record<string, string> = {}) => ({
  metadata: { name: 'web', annotations },
  spec: spec({ ...at('east'), ...more }),
})

describe('going back to a revision', () => {
  test('puts back where it was, but nothing of how it moved or stood by', () => {
    const { spec: after } = pinRevision(then, now({}))
    assert.deepEqual([after.placement, after.standby, after.move], [at('west').placement, undefined, undefined])
  })
  test('brings it back to no place that it has moved away from since', () => {
    const moved = { 'flotilla.dev/moved-after': '3' }
    assert.deepEqual(pinRevision(then, now({}, moved)).spec.placement, at('east').placement)
    const later = { ...then, revision: 4 }
    assert.deepEqual(pinRevision(later, now({}, moved)).spec.placement, at('west').placement)
  })
  test('keeps a move that is under way as it is', () => {
    const standby = [{ clusters: { names: ['east'] } }]
    const { spec: after } = pinRevision(then, now({ move: 'web-1', standby }))
    assert.deepEqual([after.placement, after.standby, after.move], [at('east').placement, standby, 'web-1'])
  })
})
