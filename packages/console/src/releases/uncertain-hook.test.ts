import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findUncertainHook } from './uncertain-hook.ts'

const ended =
  'hook add-column (pre-upgrade of shop) ended and nobody knows how (find out, then say so: flotilla hook resolve): the node was lost'
const again =
  'hook add-column (pre-upgrade of shop) failed: nobody knows how this migration ended on west/shop: the node was lost'

describe('the hook that a target stopped at', () => {
  test('is named where nobody knows how it ended, also when it was tried again', () => {
    assert.equal(findUncertainHook({ phase: 'Failed', message: ended }), 'add-column')
    assert.equal(findUncertainHook({ phase: 'RollbackFailed', message: `It stopped: ${again}` }), 'add-column')
  })

  test('is none where it failed by itself, or where the target goes on', () => {
    const failed = 'hook add-column (pre-upgrade of shop) failed: exit code 1'
    assert.equal(findUncertainHook({ phase: 'Failed', message: failed }), undefined)
    assert.equal(findUncertainHook({ phase: 'Applying', message: ended }), undefined)
    assert.equal(findUncertainHook({ phase: 'Failed' }), undefined)
  })
})
