import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { createDocumentReader } from './document-reader.ts'
import { longestTurn } from '@flotilla/render/testing/longest-turn'

const reader = createDocumentReader()
after(() => reader.close())

const laughs = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]']
for (const [at, name] of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].entries()) {
  const before = 'abcdefghi'[at]
  laughs.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`)
}

const small = `a: &a [${'x,'.repeat(2000)}]\nb: &b [${'*a,'.repeat(25)}]\nc: [${'*b,'.repeat(25)}]`

const hostile: readonly [string, string, RegExp][] = [
  ['a bomb of aliases', laughs.join('\n'), /^Line \d+: refers to its anchors too often/],
  ['a doubled key', 'kind: A\nspec:\n  x: 1\n  x: 2\n', /^Line 4: .*unique/],
  [
    'a key __proto__',
    'kind: A\nspec:\n  values:\n    __proto__:\n      admin: true\n',
    /^Line 4: has the key __proto__/,
  ],
  ['a quoted key __proto__ in JSON', '{\n"a": {\n"__proto__": {}\n}}', /^Line 3: has the key __proto__/],
  [
    'half a megabyte of anchors',
    Array.from({ length: 50_000 }, (_, at) => `- &a${at} x`).join('\n'),
    /^Line 201: there are more than 200 anchors/,
  ],
  ['aliases without end', `a: &a x\nb:\n${'  - *a\n'.repeat(60_000)}`, /^Line 1003: there are more than 1000 aliases/],
  ['brackets without end', '['.repeat(100_000), /^Line 1: it nests deeper/],
  ['documents without end', '---\n'.repeat(100_000), /^Line 1001: there are more than 1000 marks/],
  ['dashes without end', '- '.repeat(50_000), /^Line \d+: /],
  ['a tab as indentation', 'a:\n\tb: 1\n', /^Line 2: /],
  ['an unclosed quote', 'a: "x\nb: 1\n', /^Line \d+: /],
  ['an unknown alias', 'a: *nobody\n', /^Line 1: /],
  ['a small text that is big with its aliases', small, /more than 4194304 characters/],
]

describe('reading documents of anybody', () => {
  for (const [name, text, message] of hostile) {
    test(`refuses ${name} with its line, and the event loop goes on`, async () => {
      await reader.read('a: 1', 'documents')
      const isRefusal = (thrown: unknown): true => {
        assert.ok(thrown instanceof FlotillaError)
        assert.equal(thrown.code, 'input.yaml')
        assert.match(thrown.message, message)
        return true
      }
      const longest = await longestTurn(() => assert.rejects(reader.read(text, 'documents'), isRefusal))
      assert.ok(longest < 50, `stalled for ${longest} ms`)
    })
  }

  test('reads several documents, empty ones left out, with merge keys', async () => {
    const text = '---\n# nothing\n---\nbase: &base {a: 1}\nmine:\n  <<: *base\n  b: 2\n---\n{"c": 3}\n'
    const documents = await reader.read(text, 'documents')
    assert.deepEqual(documents, [{ base: { a: 1 }, mine: { a: 1, b: 2 } }, { c: 3 }])
  })

  test('reads what Kubernetes reads: yes is true, 0755 is octal, a time is a text', async () => {
    const [document] = await reader.read('a: yes\nb: 0755\nc: 2001-01-01\nd: 22:22\n', 'documents')
    assert.deepEqual(document, { a: true, b: 493, c: '2001-01-01', d: '22:22' })
  })

  test('is soon done with a text that is wrong in each of its tokens', async (t) => {
    const brisk = createDocumentReader({ cpuMs: 1_500 })
    t.after(() => brisk.close())
    await assert.rejects(brisk.read('{}'.repeat(50_000), 'documents'), {
      code: 'input.yaml',
      message: /^Line 1: Unexpected/,
    })
  })

  test('ends a text that takes more of a processor than it may, however much time is left', async (t) => {
    const hasty = createDocumentReader({ cpuMs: 1 })
    t.after(() => hasty.close())
    await assert.rejects(hasty.read(`a:\n${'  - {b: [x, y, z]}\n'.repeat(20_000)}`, 'documents'), {
      code: 'input.yaml',
      message: /too much time/,
    })
  })

  test('ends a text that takes too long, and reads the next one', async (t) => {
    const hasty = createDocumentReader({ timeoutMs: 1 })
    t.after(() => hasty.close())
    await assert.rejects(hasty.read(`a:\n${'  - {b: [x, y, z]}\n'.repeat(20_000)}`, 'documents'), {
      code: 'input.yaml',
    })
    assert.deepEqual(await reader.read('a: 1', 'documents'), [{ a: 1 }])
  })
})
