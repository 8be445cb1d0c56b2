import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReleasePhase } from '@flotilla/model'
import { findBaseRelease } from './base-release.ts'
import { carrying, frozenStatus, release } from './release-scene.ts'

const made = (name: string, phase: ReleasePhase, at: string) =>
  release(name, {}, { phase, frozen: { ...frozenStatus(), at } })

test('a release builds on the active one, after a rollback on what the targets have, else on none', () => {
  const old = made('r1', 'Superseded', '2026-01-01T00:00:00Z')
  const active = made('r2', 'Active', '2026-01-02T00:00:00Z')
  const gone = made('r3', 'RolledBack', '2026-01-03T00:00:00Z')
  assert.equal(findBaseRelease([gone, active, old], [carrying('east', 'r1')])?.metadata.name, 'r2')
  assert.equal(findBaseRelease([gone, old], [carrying('east', 'r1')])?.metadata.name, 'r1')
  assert.equal(findBaseRelease([gone, release('r4')], [carrying('east', undefined), carrying('west', 'r4')]), undefined)
})
