import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generatePassword } from './generate-password.ts'

describe('a password that is made for somebody', () => {
  test('has five groups of letters that cannot be mistaken', () => {
    for (let time = 0; time < 200; time++)
      assert.match(generatePassword(), /^([a-hjkmnp-tw-z2-9]{4}-){4}[a-hjkmnp-tw-z2-9]{4}$/)
  })
  test('is another one each time', () => {
    const many = new Set(Array.from({ length: 500 }, generatePassword))
    assert.equal(many.size, 500)
  })
})
