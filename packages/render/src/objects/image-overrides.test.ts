import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { applyImageOverrides } from './image-overrides.ts'
import { joinImage, splitImage } from './image-reference.ts'

const sha = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`

const deployment = (...images: string[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { template: { spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) } } },
})

const imagesOf = (object: KubeObject | undefined): string[] => {
  const spec = object?.['spec'] as { template: { spec: { containers: { image: string }[] } } }
  return spec.template.spec.containers.map(({ image }) => image)
}

describe('image overrides', () => {
  for (const [from, override, to] of [
    ['web', 'shop', 'shop'],
    ['web:1', 'shop', 'shop:1'],
    ['web:1', 'shop:2', 'shop:2'],
    ['web:1', ':2', 'web:2'],
    ['web:1', `@${sha}`, `web@${sha}`],
    [`web@${sha}`, ':2', 'web:2'],
    [`web:1@${sha}`, ':2', 'web:2'],
    [`web:1@${sha}`, `@${other}`, `web@${other}`],
    [`web:1@${sha}`, 'shop', `shop:1@${sha}`],
    ['web:1', `shop:2@${sha}`, `shop:2@${sha}`],
    ['web', ':2', 'web:2'],
  ] as const) {
    test(`${from} with ${override} is ${to}`, () => {
      const { objects, changed, unmatched } = applyImageOverrides([deployment(from)], { web: override })
      assert.deepEqual(imagesOf(objects[0]), [to])
      assert.equal(changed, true)
      assert.deepEqual(unmatched, [])
    })
  }

  test('a port is no tag, and a name matches in full only', () => {
    const object = deployment('host:5000/web:1', 'host:5000/web', 'web-two:1', 'other/web:1')
    const { objects, unmatched } = applyImageOverrides([object], { 'host:5000/web': ':2', host: ':9' })
    assert.deepEqual(imagesOf(objects[0]), ['host:5000/web:2', 'host:5000/web:2', 'web-two:1', 'other/web:1'])
    assert.deepEqual(unmatched, ['host'])
  })

  test('init and ephemeral containers, cron jobs, pods and kinds nobody knows', () => {
    const pod = {
      containers: [{ image: 'a:1' }],
      initContainers: [{ image: 'a:1' }],
      ephemeralContainers: [{ image: 'a:1' }],
    }
    const objects = [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: pod },
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'c' },
        spec: { jobTemplate: { spec: { template: { spec: pod } } } },
      },
      {
        apiVersion: 'example.test/v1',
        kind: 'Odd',
        metadata: { name: 'o' },
        items: [{ deep: { template: { spec: pod } } }],
      },
    ]
    const text = JSON.stringify(applyImageOverrides(objects, { a: ':2' }).objects)
    assert.equal(text.includes('a:1'), false)
    assert.equal(text.split('a:2').length - 1, 9)
  })

  test('an image outside a list of containers is left alone', () => {
    const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { image: 'a:1' } }
    const { objects, unmatched } = applyImageOverrides([object], { a: ':2' })
    assert.equal(objects[0], object)
    assert.deepEqual(unmatched, ['a'])
  })

  for (const bad of [
    '',
    'a b',
    ':',
    '@',
    '@sha256:xyz',
    'a:',
    'a:tag with space',
    '-x',
    'a:1\n',
    `:${'x'.repeat(200)}`,
  ]) {
    test(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(
        () => applyImageOverrides([], { web: bad }),
        (thrown) =>
          thrown instanceof FlotillaError && thrown.code === 'input.invalid' && thrown.field === 'images["web"]',
      )
    })
  }

  const name = fc
    .stringMatching(/^[a-z][a-z0-9]{0,8}(?::[0-9]{2,4})?(?:\/[a-z]{1,8}){0,2}$/)
    .filter((text) => !text.includes(':') || text.includes('/'))
  const image = fc.record(
    {
      name,
      tag: fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/), { nil: undefined }),
      digest: fc.option(fc.constantFrom(sha, other), { nil: undefined }),
    },
    { noNullPrototype: true },
  )

  test('splitting and joining are each other’s reverse', () => {
    fc.assert(fc.property(image, (reference) => assert.deepEqual(splitImage(joinImage(reference)), reference)))
  })

  test('a second time changes nothing, other names stay, and the input is never changed', () => {
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 5 }), image, (images, wanted) => {
        const object = deployment(...images.map(joinImage))
        const before = structuredClone(object)
        const overrides = { [images[0]?.name ?? '']: joinImage({ ...wanted, name: images[0]?.name ?? '' }) }
        const once = applyImageOverrides([object], overrides)
        assert.deepEqual(object, before)
        const twice = applyImageOverrides(once.objects, overrides)
        assert.deepEqual(twice.objects, once.objects)
        assert.equal(twice.changed, false)
        for (const [index, result] of imagesOf(once.objects[0]).entries()) {
          if (images[index]?.name !== images[0]?.name) assert.equal(result, joinImage(images[index] ?? wanted))
        }
      }),
    )
  })
})
