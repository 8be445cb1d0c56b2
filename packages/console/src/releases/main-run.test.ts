import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReleaseDetail } from '@flotilla/api'
import { mainRun } from './main-run.ts'

type Row = ReleaseDetail['rollouts'][number]
const forward = (name: string, phase: string, startedAt: string | undefined = 'then'): Row => ({
  name,
  phase,
  action: 'Release',
  startedAt,
})
const back = (phase: string): Row => ({ name: 'back', phase, action: 'Rollback', startedAt: 'then' })
const shown = (phase: ReleaseDetail['phase'], ...rollouts: Row[]) => mainRun({ phase, rollout: undefined, rollouts })

test('what is out is acted on by the run that brought it, also after a part of it was taken back', () => {
  const out = forward('one', 'Succeeded')
  assert.equal(shown('Active', out), 'one')
  assert.equal(shown('Active', back('RolledBack'), out), 'one')
  assert.equal(shown('Active', { ...forward('two', 'Failed'), startedAt: undefined }, out), 'one', 'it was refused')
  assert.equal(shown('Rolling', back('RolledBack'), forward('one', 'Aborted')), 'one')
})

test('else it is the newest, as long as that goes on above all', () => {
  const out = forward('one', 'Succeeded')
  assert.equal(shown('Active', back('Running'), out), 'back')
  assert.equal(shown('RolledBack', back('RolledBack'), out), 'back')
  assert.equal(shown('RolledBack', forward('two', 'Pending'), back('RolledBack'), out), 'two')
  assert.equal(shown('Draft'), undefined)
})
