import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../../testing/until.ts'
import { assertInTurns, type House, openHouse } from './testing/open-house.ts'

describe('an application that moves from one cluster to another', () => {
  let house: House
  before(async () => {
    house = await openHouse({ members: ['east', 'west'] })
  })
  after(() => house.close())

  const cut = async (name: string, meanwhile: () => Promise<void>): Promise<void> => {
    const cluster = house.target.fleet.clusters[name]
    assert.ok(cluster)
    await cluster.cut()
    try {
      const isLost = async () => house.target.server.fleet.get(name)?.connection.state === 'lost'
      await until(`${name} is lost`, isLost)
      await meanwhile()
    } finally {
      await cluster.heal()
    }
  }
  const onlyEast = { clusters: { names: ['east'] } }
  const there = { from: { clusters: ['east'] }, to: { clusters: ['west'] } }

  test('is not begun while the one that it is to leave cannot be reached', async () => {
    await house.writeApplication('refused', onlyEast)
    await house.target.settled('refused')
    await cut('east', async () => {
      await house.startMove('refused', there)
      const { status } = await house.inPhase('refused', 'Refused')
      assert.match(status?.message ?? '', /cannot be reached/)
      const { spec } = await house.getApplication('refused')
      assert.deepEqual([spec.move, spec.standby, spec.placement], [undefined, undefined, onlyEast])
    })
  })

  test('waits, and lets nothing start, while what it leaves cannot be seen; then it goes on and ends there', async () => {
    const { target } = house
    const place = (cluster: string) => ({ cluster, namespace: target.project })
    await house.writeApplication('shop', onlyEast)
    await target.settled('shop')
    await until('it works', async () => (await house.lastSign('shop', place('east'), 'worker')) > 0)
    await house.startMove('shop', there)
    await house.inPhase('shop', 'Preparing')
    await cut('east', async () => {
      const { status } = await until(
        'it waits for the cluster',
        async () => {
          const move = await house.getMove('shop')
          const waits = /east/.test(move.status?.waitingFor ?? '') && move.status?.phase !== 'Preparing'
          return waits ? move : undefined
        },
        120,
        async () => JSON.stringify((await house.getMove('shop')).status),
      )
      assert.ok(['SuspendingSource', 'Draining'].includes(status?.phase ?? ''))
      assert.ok(status?.waitingSince)
      const worker = await house.find('west', 'Deployment', 'shop-worker', target.project)
      assert.deepEqual((worker?.['spec'] as { replicas?: number } | undefined)?.replicas, 0)
    })
    await house.inPhase('shop', 'AwaitingTraffic')
    await until('it works there', async () => (await house.lastSign('shop', place('west'), 'worker')) > 0)
    await house.ask('shop', 'confirmedTraffic')
    await house.inPhase('shop', 'Succeeded')
    assertInTurns(await house.signs('shop'), [`east/${target.project}`, `west/${target.project}`])
    assert.equal(await house.find('east', 'Deployment', 'shop-web', target.project), undefined)
    const { spec } = await house.getApplication('shop')
    assert.deepEqual(spec.placement, { clusters: { names: ['west'] } })
  })
})
