import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import * as fc from 'fast-check'
import { formatPath, parseValuePath, readPath } from './value-path.ts'

describe('value paths', () => {
  const table: [string, (string | number)[]][] = [
    ['replicas', ['replicas']],
    ['web.image.tag', ['web', 'image', 'tag']],
    ['hosts[0].name', ['hosts', 0, 'name']],
    ['hosts[0][12]', ['hosts', 0, 12]],
    ['annotations["a.b/c"].x', ['annotations', 'a.b/c', 'x']],
    [String.raw`annotations.a\.b/c`, ['annotations', 'a.b/c']],
    ['["odd"].x', ['odd', 'x']],
  ]
  for (const [text, steps] of table) {
    test(`reads ${text}`, () => assert.deepEqual(parseValuePath(text), steps))
  }

  for (const text of ['', '.', 'a..b', 'a.', '.a', 'a[', 'a[x]', 'a]b', 'a["b', 'a[0]b']) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseValuePath(text),
        (thrown) => thrown instanceof FlotillaError && thrown.code === 'input.invalid' && thrown.field === 'path',
      )
    })
  }

  test('what is written is read back, whatever the names', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 })
    const steps = fc
      .array(fc.oneof(name, fc.nat(999)), { minLength: 1, maxLength: 6 })
      .filter(([first]) => typeof first === 'string')
    fc.assert(fc.property(steps, (path) => assert.deepEqual(parseValuePath(formatPath(path)), path)))
  })

  test('finds what is there, and tells null from nothing', () => {
    const root = { a: [{ b: null }], c: 'text' }
    assert.deepEqual(readPath(root, ['a', 0, 'b']), { set: true, value: null })
    for (const path of [['a', 1], ['a', 'b'], ['c', 'length'], ['constructor'], ['a', 0, 'b', 'c']])
      assert.deepEqual(readPath(root, path), { set: false })
  })
})
