import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isComposing, mayTakeKey } from './may-take-key.ts'

const press = { ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 76 }
const body = { tagName: 'BODY', isContentEditable: false, inDialog: false }

describe('a one-letter key', () => {
  test('acts on the page', () => assert.equal(mayTakeKey(press, body), true))
  test('types where one types', () => {
    for (const tagName of ['INPUT', 'TEXTAREA', 'SELECT']) assert.equal(mayTakeKey(press, { ...body, tagName }), false)
    assert.equal(mayTakeKey(press, { ...body, isContentEditable: true }), false)
    assert.equal(mayTakeKey(press, { ...body, inDialog: true }), false)
  })
  test('is not taken from the browser’s own keys nor from an input method', () => {
    for (const held of [
      { ctrlKey: true },
      { metaKey: true },
      { altKey: true },
      { isComposing: true },
      { keyCode: 229 },
    ]) {
      assert.equal(mayTakeKey({ ...press, ...held }, body), false)
    }
  })
})

test('Enter that confirms pinyin is composing, in old browsers too', () => {
  assert.equal(isComposing({ isComposing: true, keyCode: 13 }), true)
  assert.equal(isComposing({ isComposing: false, keyCode: 229 }), true)
  assert.equal(isComposing({ isComposing: false, keyCode: 13 }), false)
})
