import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { parse as parse12, stringify } from 'yaml'
import { findUnsafeInteger, FlotillaError, isUnsafeInteger } from '@flotilla/model'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { longestTurn } from '../testing/longest-turn.ts'
import { parseYaml } from './parse-yaml.ts'

const parse = (input: string | Uint8Array, maxBytes?: number): Promise<unknown[]> =>
  parseYaml(input, { field: 'body', maxBytes })

async function refusal(input: string | Uint8Array, maxBytes?: number): Promise<FlotillaError> {
  const thrown = await parse(input, maxBytes).then(
    () => assert.fail('the YAML was accepted'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof FlotillaError, String(thrown))
  return thrown
}

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...'bcdefghij'
    .split('')
    .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghij'[index]}`).join(',')}]`),
].join('\n')
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

describe('hostile YAML is refused with its line', () => {
  for (const [title, input, line] of [
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 3],
    ['__proto__', 'a:\n  b: 1\n  __proto__: {x: 1}\n', 3],
    ['__proto__ in JSON', '{"a": 1,\n"__proto__": {"polluted": true}}', 2],
    ['wrong UTF-8', Buffer.from([97, 58, 32, 49, 10, 98, 58, 32, 0xff, 0xfe, 10]), 2],
    ['a bomb of aliases', bomb, 1],
    ['too many aliases', `a: &a 1\nb:\n${lines(2000, () => '- *a')}`, 1003],
    ['a small text that is large with its aliases', `a: &a "${'x'.repeat(100_000)}"\nb: [${'*a,'.repeat(900)}]`, 1],
    [
      'one with long comments, too',
      `a: &a "${'x'.repeat(100_000)}"\nb: [${'*a,'.repeat(50)}]\n#${'c'.repeat(1_500_000)}`,
      1,
    ],
    [
      'one with many values by its aliases',
      `a: &a [${'[],'.repeat(500)}]\nb: [${'*a,'.repeat(300)}]\n#${'c'.repeat(5000)}`,
      1,
    ],
    ['an unknown alias', 'a: 1\nb: *c\n', 2],
    ['a tab', 'a:\n\t- b', 2],
    ['a whole number whose digits would change', 'a: 1\nb:\n  c: 9007199254740993\n', 3],
    ['one that may have been changed before', '{"a":\n-9_007_199_254_740_992}', 2],
    ['a hexadecimal one', 'a: 0x20000000000001', 1],
    ['one that is a key first', '? &a 9007199254740993\n: b\nc: *a\n', 1],
    ['a large key twice', '9007199254740993: a\n9_007_199_254_740_993: b\n', 2],
    ['deep nesting', '['.repeat(300) + ']'.repeat(300), 1],
    ['deeper nesting', '['.repeat(3000), 1],
    ['deepest nesting', '{a: '.repeat(50_000), 1],
  ] as const) {
    test(title, async () => {
      const error = await refusal(input)
      assert.equal(error.code, 'input.yaml')
      assert.equal(error.field, `body:${line}`)
    })
  }

  test('input above the limit is not even parsed', async () => {
    assert.equal((await refusal('a: 1', 3)).code, 'input.too_large')
  })

  test('half a megabyte of anchors, of brackets, of quotes: the event loop goes on', { timeout: 120_000 }, async () => {
    const inputs = [
      lines(30_000, (i) => `- &a${i} x`),
      lines(15_000, (i) => `- &a${i} x\n- *a${i}`),
      `"${'\\x'.repeat(250_000)}`,
      '[['.repeat(250_000),
      lines(12_000, (i) => `${' '.repeat(i % 40)}? ${i}`),
    ]
    const parseAll = async (): Promise<void> => {
      for (const input of inputs) {
        await parse(input).catch((error: unknown) => assert.ok(error instanceof FlotillaError))
      }
    }
    const longest = await longestTurn(parseAll)
    assert.ok(longest < 100, `${longest} ms`)
  })

  test('nothing is polluted', async () => {
    await refusal('__proto__: {polluted: yes}')
    const [value] = await parse('constructor: {prototype: {polluted: yes}}')
    assert.deepEqual(value, { constructor: { prototype: { polluted: true } } })
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
})

describe('YAML is read as Kubernetes reads it', () => {
  test('words, numbers and texts of YAML 1.1, without base 60 and timestamps', async () => {
    const [value] = await parse(
      'a: yes\nb: off\nc: 0777\nd: 22:22\ne: 2001-01-01\nf: 1_000\ng: 1e3\nh: ~\ni: "0777"\nj: 0x1f\nk: !!str 12\nl: .5\nm: 1.10\n',
    )
    assert.deepEqual(value, {
      a: true,
      b: false,
      c: 511,
      d: '22:22',
      e: '2001-01-01',
      f: 1000,
      g: 1000,
      h: null,
      i: '0777',
      j: 31,
      k: '12',
      l: 0.5,
      m: 1.1,
    })
  })

  test('large numbers that are exact, have a fraction or are quoted are taken', async () => {
    const [value] = await parse('a: 9007199254740991\nb: 1e300\nc: "9007199254740993"\ne: 1.0e18\n')
    assert.deepEqual(value, { a: 9007199254740991, b: 1e300, c: '9007199254740993', e: 1e18 })
  })

  test('large numbers that are keys keep all their digits', async () => {
    const input = `roles:
  123456789012345678: admin
  123456789012345679: reader
  -9_007_199_254_740_993: minus
  +9007199254740995: plus
  0x20000000000001: hexadecimal
  0777777777777777777777: octal
`
    const roles = {
      '123456789012345678': 'admin',
      '123456789012345679': 'reader',
      '-9007199254740993': 'minus',
      '9007199254740995': 'plus',
      '9007199254740993': 'hexadecimal',
      '9223372036854775807': 'octal',
    }
    assert.deepEqual(await parse(input), [{ roles }])
    assert.deepEqual(await parse(`${input}# ${'x'.repeat(5000)}`), [{ roles }], 'in a thread')
  })

  test('several documents, empty ones left out, merge keys resolved', async () => {
    assert.deepEqual(await parse('---\n---\na: 1\n---\n# nothing\n---\nb: {<<: {c: 1}, d: 2}\n'), [
      { a: 1 },
      { b: { c: 1, d: 2 } },
    ])
  })

  test('large input goes through a thread and comes out the same', async () => {
    const value = { items: Array.from({ length: 3000 }, (_, i) => ({ name: `n${i}`, on: i % 2 === 0 })) }
    assert.deepEqual(await parse(JSON.stringify(value)), [value])
  })

  test('any JSON comes back as it went in', async () => {
    const json = fc
      .jsonValue({ noUnicodeString: false })
      .filter((value) => value !== null && !JSON.stringify(value).includes('__proto__'))
      .filter((value) => findUnsafeInteger(value) === undefined)
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        const normal: unknown = JSON.parse(JSON.stringify(value))
        assert.deepEqual(await parse(JSON.stringify(value)), [normal])
        assert.deepEqual(await parse(stringify(normal, asEverybodyReads)), [normal])
      }),
      { numRuns: 100 },
    )
  })

  test('texts that look like something else come back as texts, for readers of YAML 1.1 and of 1.2', async () => {
    const word = fc.constantFrom(
      'NO',
      'yes',
      'on',
      'y',
      'N',
      'off',
      'True',
      'null',
      '~',
      '',
      '<<',
      '=',
      '1_000',
      '12:34',
      '1:2:3.5',
      '0755',
      '0o17',
      '0x1F',
      '0b11',
      '1e3',
      '.5',
      '.inf',
      '-.INF',
      '.nan',
      '+1',
      '2001-01-01',
      '12345678901234567890',
    )
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !isUnsafeInteger(one))
    const number = fc.oneof(double, fc.maxSafeInteger())
    const value = fc.oneof(
      word,
      fc.stringMatching(/^[-+.:_0-9a-fxobeE]{1,8}$/),
      number.map((one) => (one === 0 ? 0 : one)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value.map(String), value), { maxLength: 20 }), async (entries) => {
        const object = Object.fromEntries(entries)
        const text = stringify(object, asEverybodyReads)
        assert.deepEqual(await parse(text), [object])
        assert.deepEqual(parse12(text), object)
      }),
      { numRuns: 300 },
    )
  })

  test('an aborted parse ends with the reason', async () => {
    const stop = AbortSignal.abort(new Error('gone'))
    await assert.rejects(parseYaml('a: 1', { field: 'body', signal: stop }), /gone/)
    const late = parseYaml(
      lines(15_000, (i) => `- &a${i} x\n- b`),
      { field: 'body', signal: AbortSignal.timeout(10) },
    )
    await assert.rejects(late, { name: 'TimeoutError' })
  })
})
