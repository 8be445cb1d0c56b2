import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec } from './kinds/application.ts'
import { computePlacement, computeTargets, deliveryName } from './targets.ts'

const clusters = [
  { name: 'east', labels: { region: 'east' } },
  { name: 'west', labels: { region: 'west' } },
]
const project = (targets: Parameters<typeof computeTargets>[0]['spec']['targets']) => ({
  metadata: { name: 'shop' },
  spec: { targets, scope: 'Namespaced' as const, podSecurity: 'baseline' as const },
})

describe('targets of a project', () => {
  test('take the name of the project as namespace unless one is given', () => {
    const targets = computeTargets(
      project([{ clusters: { names: ['east'] } }, { clusters: { names: ['west'] }, namespace: 'shop-w' }]),
      clusters,
    )
    assert.deepEqual(
      targets.map(({ cluster, namespace }) => `${cluster}/${namespace}`),
      ['east/shop', 'west/shop-w'],
    )
  })
  test('may be several in one cluster, with their environments as labels', () => {
    const targets = computeTargets(
      project([
        { clusters: { names: ['east'] }, namespace: 'shop-dev', environment: 'dev' },
        { clusters: { names: ['east'] }, namespace: 'shop-prod', environment: 'prod' },
      ]),
      clusters,
    )
    assert.deepEqual(
      targets.map((target) => target.labels['flotilla.dev/environment']),
      ['dev', 'prod'],
    )
  })
  test('are named once: the first rule wins', () => {
    const targets = computeTargets(
      project([
        { clusters: {}, environment: 'prod' },
        { clusters: { names: ['east'] }, environment: 'dev' },
      ]),
      clusters,
    )
    assert.deepEqual(
      targets.map(({ cluster, environment }) => [cluster, environment]),
      [
        ['east', 'prod'],
        ['west', 'prod'],
      ],
    )
  })
})

describe('placement', () => {
  const component = { name: 'web', manifests: { inline: 'a: b' } }
  const targets = computeTargets(project([{ clusters: {}, environment: 'prod' }]), clusters)
  test('nothing said is everywhere', () => {
    assert.equal(computePlacement(ApplicationSpec.parse({ components: [component] }), targets).length, 2)
  })
  test('can select by what a target adds to its cluster', () => {
    const spec = ApplicationSpec.parse({
      components: [component],
      placement: { clusters: { selector: { matchLabels: { region: 'west', 'flotilla.dev/environment': 'prod' } } } },
    })
    assert.deepEqual(
      computePlacement(spec, targets).map(({ cluster }) => cluster),
      ['west'],
    )
  })
  test('an environment that no target has places nothing', () => {
    const spec = ApplicationSpec.parse({ components: [component], placement: { environments: ['dev'] } })
    assert.deepEqual(computePlacement(spec, targets), [])
  })
})

test('two targets of one cluster have Deliveries of different names', () => {
  assert.notEqual(
    deliveryName('web', { cluster: 'east', namespace: 'shop' }, 'shop'),
    deliveryName('web', { cluster: 'east', namespace: 'shop-dev' }, 'shop'),
  )
})
