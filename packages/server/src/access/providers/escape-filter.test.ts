import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { escapeFilter } from './escape-filter.ts'

test('plain names stay readable, and everything else is written in hex', () => {
  assert.equal(escapeFilter('dora.lin@example.com'), 'dora.lin@example.com')
  assert.equal(escapeFilter('*)(uid=*'), '\\2a\\29\\28uid\\3d\\2a')
  assert.equal(escapeFilter('林\0'), '\\e6\\9e\\97\\00')
})

test('nothing that is syntax is left, whatever is typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      assert.match(escapeFilter(typed), /^(?:[-A-Za-z0-9._@]|\\[0-9a-f]{2})*$/)
    }),
  )
})
