import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asEverybodyReads, asKubernetesReads } from '@flotilla/model/yaml'
import { parse, stringify } from 'yaml'
import { patchText, resolvePath, setInText } from './patch-document.ts'

const text = `# the shop
spec:
  paused: false # for now
  components:
    - name: web # in front
      custom: {a: 1}
`

/** What JSON can say: it has no -0. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('changing a text', () => {
  test('keeps comments and fields that it does not know', () => {
    const changed = setInText(text, ['spec', 'paused'], true)
    assert.match(changed, /# the shop/)
    assert.match(changed, /paused: true/)
    assert.match(changed, /name: web # in front/)
    assert.match(changed, /custom: \{ ?a: 1 ?\}/)
  })
  test('takes a field away', () => assert.doesNotMatch(setInText(text, ['spec', 'paused'], undefined), /paused/))
  test('makes the way to a field that is not there', () => {
    assert.deepEqual(
      (parse(setInText(text, ['spec', 'placement', 'clusters', 'names'], ['east'])) as { spec: object }).spec,
      {
        paused: false,
        components: [{ name: 'web', custom: { a: 1 } }],
        placement: { clusters: { names: ['east'] } },
      },
    )
  })
  test('finds an item of a list by its name', () => {
    assert.deepEqual(resolvePath(text, ['spec', 'components', 'web', 'custom', 'a']), [
      'spec',
      'components',
      0,
      'custom',
      'a',
    ])
    assert.equal(resolvePath(text, ['spec', 'components', 'api', 'v']), undefined)
  })
  test('of one field leaves every other character as it was', () => {
    const odd = `# kept
a:   0755   # octal
big: 12345678901234567890
under: 1_000
words: [NO, yes,   "on"]
flow: { x: 1,w: 'two' }
list:
- name: first
  port: 0o17 # why

- name:  "second"
  text: |
      kept
        as it is
tail:    'x'
`
    for (const [path, value, from, to] of [
      [['tail'], 'NO', "'x'", '"NO"'],
      [['list', 0, 'name'], '0755', 'first', '"0755"'],
      [['flow', 'w'], 'y', "'two'", '"y"'],
      [['flow', 'z'], 1, "'two'", "'two', z: 1"],
      [['flow', 'x'], undefined, "x: 1,w: 'two'", "w: 'two'"],
      [['words', 1], 'no', 'yes', '"no"'],
      [['list', 1, 'port'], 80, '        as it is\n', '        as it is\n  port: 80\n'],
      [['list', 1], undefined, '- name:  "second"\n  text: |\n      kept\n        as it is\n', ''],
      [['list', 2], { name: 'on' }, '        as it is\n', '        as it is\n- name: "on"\n'],
      [['a'], undefined, 'a:   0755   # octal\n', ''],
      [['under'], { on: [1] }, 'under: 1_000', 'under:\n  "on":\n    - 1'],
      [['new', 'deep'], true, "tail:    'x'\n", "tail:    'x'\nnew:\n  deep: true\n"],
    ] as const) {
      assert.equal(setInText(odd, path, value), odd.replace(from, to), path.join('.'))
    }
  })
  test('keeps big numbers and octal ones also where the form has to be written anew', () => {
    const changed = setInText('x: &x { big: 12345678901234567890, mode: 0755 }\ny: *x\n', ['x', 'a', 'b'], 1)
    assert.match(changed, /big: 12345678901234567890/)
    assert.match(changed, /mode: 0755/)
  })
  test('touches only the line of the field, whatever else the text says', () => {
    const word = fc.constantFrom('NO', 'y', '12:34', '1_000', '0755', '# no comment', 'a: b', '- c', '', ' x ')
    const leaf = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[ -~]{0,12}$/))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    const object = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tree, { minKeys: 1, maxKeys: 6 })
    const leaves = (at: unknown, path: (string | number)[] = []): (string | number)[][] =>
      typeof at === 'object' && at !== null
        ? Object.entries(at).flatMap(([key, value]) => leaves(value, [...path, Array.isArray(at) ? Number(key) : key]))
        : [path]
    fc.assert(
      fc.property(object, leaf, fc.nat(), (value, next, pick) => {
        const paths = leaves(value)
        fc.pre(paths.length > 0)
        const text = `# above\n${stringify(value, asEverybodyReads)}# below\n`
        const changed = setInText(text, paths[pick % paths.length] ?? [], next)
        const [before, after] = [text.split('\n'), changed.split('\n')]
        assert.equal(after.length, before.length, changed)
        assert.ok(after.filter((line, at) => line !== before[at]).length <= 1, changed)
      }),
    )
  })
  test('says afterwards exactly what was wanted', () => {
    const object = fc
      .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
      .map(asJson)
    fc.assert(
      fc.property(object, object, (before, wanted) => {
        assert.deepEqual(parse(patchText(stringify(before, asEverybodyReads), wanted), asKubernetesReads), wanted)
      }),
    )
  })
})
