import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allOf, allowed, refused } from './action.ts'

describe('an action', () => {
  test('says the first reason against it', () => {
    assert.deepEqual(allOf(allowed, refused('no right'), refused('paused')), refused('no right'))
  })
  test('may run when nothing is against it', () => assert.deepEqual(allOf(allowed, allowed), allowed))
})
