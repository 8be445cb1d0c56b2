import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { neutralise, neutraliseLine } from './neutralise.ts'
import { escapeControls } from '@flotilla/model/escape-controls'
import { table, width } from './table.ts'

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const steers = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

describe('text from elsewhere', () => {
  const cases: [string, string, string][] = [
    ['colours', '\u001B[31mred\u001B[0m', '\\x1b[31mred\\x1b[0m'],
    ['a title of the window', '\u001B]0;root@host\u0007', '\\x1b]0;root@host\\x07'],
    ['one-byte CSI', '\u009B2J', '\\x9b2J'],
    ['a carriage return that overwrites', 'real\rfake', 'real\\x0dfake'],
    ['backspaces', 'a\b\bb', 'a\\x08\\x08b'],
    ['text turned around', 'gpj\u202Eexe', 'gpj\\u202eexe'],
    [
      'a link',
      '\u001B]8;;http://evil\u001B\\here\u001B]8;;\u001B\\',
      '\\x1b]8;;http://evil\\x1b\\here\\x1b]8;;\\x1b\\',
    ],
  ]
  for (const [name, text, shown] of cases) test(`shows ${name} as text`, () => assert.equal(neutralise(text), shown))

  test('nothing that steers a terminal comes through, and everything else does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.ok(!steers.test(neutralise(text)))
        assert.ok(!neutraliseLine(text).includes('\n'))
      }),
    )
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => assert.equal(neutralise(text), text)))
    assert.equal(neutralise('商店 ✓ ü\n\tx'), '商店 ✓ ü\n\tx')
  })

  test('JSON keeps its meaning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = escapeControls(JSON.stringify({ text }))
        assert.ok(!steers.test(json))
        assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ text })))
      }),
    )
  })
})

describe('tables', () => {
  test('are aligned, with a dash for what is empty, in Chinese too', () => {
    const text = table(
      { colour: false },
      ['NAME', 'STATE'],
      [
        ['商店', 'ok'],
        ['a', ''],
        ['long-name', undefined],
      ],
    )
    assert.equal(text, 'NAME        STATE\n商店        ok\na           -\nlong-name   -\n')
    assert.equal(width('商店'), 4)
  })

  test('a cell with line feeds and escapes stays a cell', () => {
    const text = table({ colour: false }, ['A', 'B'], [['x\ny\u001B[2J', 'z']])
    assert.equal(text.split('\n').length, 3)
    assert.ok(!text.includes('\u001B'))
  })
})
