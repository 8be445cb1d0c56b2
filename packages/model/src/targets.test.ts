import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec } from './kinds/application.ts'
import { computePlacement, computeTargets, deliveryName, isStandby } from './targets.ts'

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

describe('targets by cluster and namespace', () => {
  const targets = computeTargets(
    project([
      { clusters: {}, namespace: 'blue' },
      { clusters: {}, namespace: 'green' },
    ]),
    clusters,
  )
  const placed = (placement: ApplicationSpec['placement']): string[] =>
    computePlacement({ placement }, targets).map(({ cluster, namespace }) => `${cluster}/${namespace}`)
  test('may come beside those of a placement, and be left out of it whatever chose them', () => {
    const names = ['east']
    assert.deepEqual(
      placed({ clusters: { names }, also: [{ clusters: { names: ['west'] }, namespaces: ['green'] }] }),
      ['east/blue', 'east/green', 'west/green'],
    )
    assert.deepEqual(placed({ also: [{}], except: [{ namespaces: ['green'] }] }), ['east/blue', 'west/blue'])
  })
  test('stand by where both of what is given fit', () => {
    const standby = [{ clusters: { selector: { matchLabels: { region: 'west' } } }, namespaces: ['blue'] }]
    const standing = targets.filter((target) => isStandby({ standby }, target))
    assert.deepEqual(
      standing.map(({ cluster, namespace }) => `${cluster}/${namespace}`),
      ['west/blue'],
    )
    assert.equal(
      targets.some((target) => isStandby({}, target)),
      false,
    )
  })
})
