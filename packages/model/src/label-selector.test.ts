import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseLabelSelector } from './label-selector.ts'
import { matchesSelector } from './selectors.ts'

const labels = { app: 'web', tier: 'front', 'example.com/team': 'shop', empty: '' }

/** What kubectl says of these, by its own rules. */
const table: [string, boolean][] = [
  ['app=web', true],
  ['app==web', true],
  ['app = web , tier != back', true],
  ['app=api', false],
  ['app!=web', false],
  ['absent!=web', true],
  ['app in (api, web)', true],
  ['app in (api),tier', false],
  ['app notin (api,db)', true],
  ['absent notin (x)', true],
  ['tier,!absent', true],
  ['!tier', false],
  ['example.com/team=shop', true],
  ['empty=', true],
  ['tier in (front,back),app in (web)', true],
]

describe('a label selector', () => {
  for (const [text, expected] of table)
    test(`${text} is ${expected}`, () => {
      const selector = parseLabelSelector(text)
      assert.ok(!('wrong' in selector))
      assert.equal(matchesSelector(selector, labels), expected)
    })
  test('names only what is there, never what every object has', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      const exists = parseLabelSelector(name)
      assert.ok(!('wrong' in exists) && !matchesSelector(exists, labels), name)
      const absent = parseLabelSelector(`!${name}`)
      assert.ok(!('wrong' in absent) && matchesSelector(absent, labels), name)
    }
  })
  test('as long as a request may have it is read in no time', () => {
    const long = 1_000
    const start = performance.now()
    for (const text of [
      `${'a'.repeat(long - 1)}!`,
      `${'a'.repeat(long / 2)}/${'b'.repeat(long / 2 - 2)}!`,
      `${'a.'.repeat(long / 2 - 1)}=`,
      'a,'.repeat(long / 2),
      ','.repeat(long),
      `a in (${'b,'.repeat(long / 2 - 5)}`,
      '('.repeat(long),
      `a${' '.repeat(long - 2)}b`,
      `!${' '.repeat(long - 1)}`,
      `a${' '.repeat(long / 2)}=${' '.repeat(long / 2 - 3)}!`,
    ])
      parseLabelSelector(text)
    const took = performance.now() - start
    assert.ok(took < 250, `${took} ms`)
  })
  for (const text of ['', 'a=b,', '=b', 'a in b', 'a in (b', '-a', 'a=b c', 'a>1', 'a=-b'])
    test(`"${text}" is none`, () => assert.ok('wrong' in parseLabelSelector(text)))
})
