import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseChoices } from './parse-choices.ts'

describe('choices of a release', () => {
  test('are versions and images by component; a reference may hold "=", "@", ":" and "/"', () => {
    assert.deepEqual(
      parseChoices(
        ['web=1.5.0', 'api=^2'],
        ['web/nginx=nginx:1.29', 'web/registry:5000/shop/web=registry:5000/shop/web:a=b@sha256:00', 'db/pg=pg'],
      ),
      [
        {
          name: 'web',
          version: '1.5.0',
          images: { nginx: 'nginx:1.29', 'registry:5000/shop/web': 'registry:5000/shop/web:a=b@sha256:00' },
        },
        { name: 'api', version: '^2' },
        { name: 'db', images: { pg: 'pg' } },
      ],
    )
  })

  test('are read as they were written, whatever stands in a reference', () => {
    const label = fc.stringMatching(/^[a-z][-a-z0-9]{0,10}$/)
    const image = fc.stringMatching(/^[a-z0-9:./-]{1,30}$/)
    const ref = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(label, image, ref, (name, key, value) => {
        const [choice] = parseChoices([], [`${name}/${key}=${value}`])
        assert.deepEqual(Object.entries(choice?.images ?? {}), [[key, value]])
        assert.equal(choice?.name, name)
      }),
    )
  })

  for (const [sets, images] of [
    [['web'], []],
    [['=1'], []],
    [['web='], []],
    [['web=1', 'web=2'], []],
    [[], ['nginx=nginx:1']],
    [[], ['web=nginx:1/x']],
    [[], ['web/nginx']],
    [[], ['web/nginx=a', 'web/nginx=b']],
  ] as const)
    test(`are refused: ${[...sets, ...images].join(' ')}`, () =>
      assert.throws(() => parseChoices(sets, images), { name: 'UsageError' }))
})
