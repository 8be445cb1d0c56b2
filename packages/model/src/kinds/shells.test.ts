import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strictestRecording } from './shells.ts'

test('of what platform, workspace and project ask for, the strictest counts', () => {
  assert.equal(strictestRecording([]), 'Never')
  assert.equal(strictestRecording([undefined, 'Never']), 'Never')
  assert.equal(strictestRecording(['Output', undefined, 'Never']), 'Output')
  assert.equal(strictestRecording(['Never', 'OutputAndInput', 'Output']), 'OutputAndInput')
})
