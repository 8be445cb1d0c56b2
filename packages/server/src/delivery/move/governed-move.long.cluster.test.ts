import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, group, parseInput, Rollout, type RolloutStatus } from '@flotilla/model'
import { until } from '../../testing/until.ts'
import { playReleases } from '../release/testing/play-release.ts'
import { assertInTurns, type House, openHouse } from './testing/open-house.ts'

describe('an application that goes out by releases only, and moves', () => {
  let house: House
  let play: ReturnType<typeof playReleases>
  let from: string
  let to: string
  before(async () => {
    house = await openHouse({ members: ['east'], also: '-b', rollouts: true })
    play = playReleases(house.target)
    from = house.target.project
    to = `${from}-b`
    const { host, namespace } = house.target
    const metadata = { name: 'at-once', namespace }
    const spec = { stages: [{ name: 'all', maxConcurrency: 10, soakSeconds: 8 }] }
    await host.create({ apiVersion, kind: 'Plan', metadata, spec })
  })
  after(() => house.close())

  const place = (namespace: string) => ({ cluster: 'east', namespace })
  /** Freezes what is declared and sends it out. */
  const release = async (name: string, application: string): Promise<RolloutStatus> => {
    await play.freeze(name, application)
    const { host, namespace } = house.target
    const spec = { application, release: name, plan: 'at-once', author: 'flotilla:user:ann' }
    await host.create({ apiVersion, kind: 'Rollout', metadata: { name: `${name}-1`, namespace }, spec })
    const look = async () => {
      const { status } = parseInput(Rollout, await host.get({ group, kind: 'Rollout', namespace, name: `${name}-1` }))
      return status
    }
    const succeeded = async () => {
      const status = await look()
      return status?.phase === 'Succeeded' ? status : undefined
    }
    return until(`${name} went out`, succeeded, 90, async () => JSON.stringify(await look()))
  }
  /** Brings it to its first place, begins the move, and sends out the release that has the other place. */
  const moveTo = async (name: string): Promise<void> => {
    await house.writeApplication(name, { except: [{ namespaces: [to] }] }, false, 'governed')
    await release(`${name}-1`, name)
    await until('the worker works', async () => (await house.lastSign(name, place(from), 'worker')) > 0)
    await house.startMove(name, { from: { namespace: from }, to: { namespace: to } })
    const waits = async () => /a rollout that brings it to/.test((await house.getMove(name)).status?.waitingFor ?? '')
    await until('it waits for a release', waits, 60, async () => JSON.stringify((await house.getMove(name)).status))
    const [{ status: moved }, { endedAt = '' }] = await Promise.all([
      house.inPhase(name, 'AwaitingTraffic'),
      release(`${name}-2`, name),
    ])
    const stops = moved?.steps?.find(({ phase }) => phase === 'SuspendingSource')
    assert.ok(endedAt !== '' && (stops?.at ?? '') >= endedAt, 'the rollout ended before anything was stopped')
    await until('it works there', async () => (await house.lastSign(name, place(to), 'worker')) > 0)
  }
  const releaseIn = async (name: string, namespace: string): Promise<string | undefined> => {
    const { items } = await house.target.host.list({ group, kind: 'Delivery' }, { namespace: house.target.namespace })
    const names = items.map(({ metadata }) => metadata.name).filter((one) => one.startsWith(`${name}.`))
    const found = await Promise.all(names.map((one) => play.getDelivery(one)))
    return found.find((one) => one?.spec.target.namespace === namespace)?.spec.desired?.release
  }

  test('waits for the release that brings it to the new place, where nothing acts before the old one stands still', async () => {
    await moveTo('shop')
    await house.ask('shop', 'confirmedTraffic')
    await house.inPhase('shop', 'Succeeded')
    assertInTurns(await house.signs('shop'), [`east/${from}`, `east/${to}`])
    await until('it is let go of', async () => (await house.getApplication('shop')).spec.move === undefined)
    assert.equal(await house.find('east', 'Deployment', 'shop-web', from), undefined)
    assert.deepEqual([await releaseIn('shop', from), await releaseIn('shop', to)], [undefined, 'shop-2'])
    await release('shop-3', 'shop')
    assert.deepEqual([await releaseIn('shop', from), await releaseIn('shop', to)], [undefined, 'shop-3'])
  })

  test('comes back when somebody says so', async () => {
    await moveTo('back')
    await house.ask('back', 'undo')
    await house.inPhase('back', 'Undone')
    const before = await house.lastSign('back', place(from), 'worker')
    await until('it works where it was', async () => (await house.lastSign('back', place(from), 'worker')) > before)
    assertInTurns(await house.signs('back'), [`east/${from}`, `east/${to}`, `east/${from}`])
    assert.equal(await house.find('east', 'Deployment', 'back-web', to), undefined)
    assert.deepEqual([await releaseIn('back', from), await releaseIn('back', to)], ['back-2', undefined])
  })
})
