import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec, labels, type Target } from '@flotilla/model'
import * as fc from 'fast-check'
import { computeLayers, describeOrigin, findUnmatchedOverrides, mergeImages, mergeLayers } from './layers.ts'
import { chart } from './application/test-world.ts'

const target = (cluster: string, environment = 'prod'): Target => ({
  cluster,
  namespace: 'shop',
  environment,
  labels: { [labels.cluster]: cluster, [labels.environment]: environment, region: cluster === 'west' ? 'us' : 'eu' },
})
const targets = [target('east'), target('north', 'staging'), target('west')]
const [east = target('east'), north = target('north'), west = target('west')] = targets

function layersOf(spec: Record<string, unknown>, at: Target, valuesFrom: (Record<string, unknown> | undefined)[] = []) {
  const parsed = ApplicationSpec.parse({ components: [chart('web')], ...spec })
  const [component] = parsed.components
  assert.ok(component)
  return computeLayers({ spec: parsed, component, target: at, targets, valuesFrom })
}

describe('layers', () => {
  const spec = {
    components: [
      chart('web', {
        values: { replicas: 2, from: 'application' },
        valuesFrom: [
          { secretName: 'one' },
          { secretName: 'gone', optional: true },
          { secretName: 'two', key: 'b.yaml' },
        ],
        images: { web: 'web:2' },
      }),
    ],
    overrides: [
      { name: 'all', values: { replicas: 3 } },
      { name: 'eu', clusters: { selector: { matchLabels: { region: 'eu' } } }, values: { replicas: 4, from: 'eu' } },
      {
        name: 'prod',
        clusters: { selector: { matchLabels: { [labels.environment]: 'prod' } } },
        images: { web: 'web:3', api: 'api:1' },
      },
      { name: 'other', component: 'api', values: { replicas: 99 } },
    ],
  }

  test('stand in one order: Secrets as listed, the application, overrides as listed', () => {
    const layers = layersOf(spec, east, [{ a: 1, from: 'one' }, undefined, { a: 2 }])
    assert.deepEqual(
      layers.values.map(({ origin }) => describeOrigin(origin)),
      ['Secret one/values.yaml', 'Secret two/b.yaml', 'application', 'override all', 'override eu'],
    )
    assert.deepEqual(mergeLayers(layers), { a: 2, from: 'eu', replicas: 4 })
    assert.deepEqual(mergeImages(layers), { web: 'web:3', api: 'api:1' })
  })

  test('an override holds only in the targets that it names', () => {
    assert.deepEqual(mergeLayers(layersOf(spec, west)), { from: 'application', replicas: 3 })
    assert.deepEqual(mergeImages(layersOf(spec, north)), { web: 'web:2' })
  })

  test('counts the overrides that single a target out', () => {
    assert.deepEqual(
      targets.map((at) => layersOf(spec, at).ownOverrides),
      [2, 1, 1],
    )
  })

  test('an override for nothing that exists is found', () => {
    const parsed = ApplicationSpec.parse({
      components: [chart('web')],
      overrides: [
        { name: 'a', component: 'gone', values: {}, required: true },
        { name: 'b', clusters: { names: ['south'] }, values: {} },
        { name: 'c', clusters: { names: ['east'] }, values: {} },
      ],
    })
    assert.deepEqual(
      findUnmatchedOverrides(parsed, targets).map(({ required, finding }) => [required, finding.field]),
      [
        [true, 'spec.overrides[0].component'],
        [false, 'spec.overrides[1].clusters'],
      ],
    )
  })

  test('the last override that names a value has it, whatever the others say', () => {
    const override = fc.record({ values: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(9), { maxKeys: 3 }) })
    fc.assert(
      fc.property(fc.array(override, { maxLength: 6 }), (list) => {
        const overrides = list.map((item, index) => Object.assign({ name: `o${index}` }, item))
        const merged = mergeLayers(layersOf({ overrides }, east))
        for (const name of ['a', 'b', 'c'])
          assert.equal(merged[name], list.findLast(({ values }) => Object.hasOwn(values, name))?.values[name])
      }),
    )
  })
})
