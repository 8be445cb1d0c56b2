import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
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
  test('says afterwards exactly what was wanted', () => {
    const object = fc
      .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
      .map(asJson)
    fc.assert(
      fc.property(object, object, (before, wanted) => {
        assert.deepEqual(parse(patchText(stringify(before), wanted)), wanted)
      }),
    )
  })
})
