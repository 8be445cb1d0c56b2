import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../../testing/until.ts'
import { createKills } from '../delivery/testing/create-kills.ts'
import { assertInTurns, type House, openHouse } from './testing/open-house.ts'

/** After every write of a move, and after those of the two controllers that do what it says. */
const points = [
  'move-finalizer-written',
  // of the way there: each phase that is recorded, and each write of the application
  ...[1, 1, 1, 1, 1, 1].map((count) => `move-status-written:${count}`),
  'move-application-written',
  'application-delivery-written',
  'delivery-status-written',
  'delivery-object-applied',
] as const

describe('a server that is killed while an application moves', () => {
  let house: House
  let from: string
  let to: string
  before(async () => {
    house = await openHouse({ members: ['east'], also: '-b', withoutServer: true })
    from = house.target.project
    to = `${from}-b`
  })
  after(() => house.close())

  test('goes on where it was, at whichever write; both places never act at once, there and back', async () => {
    const kills = createKills(house.target)
    const place = (namespace: string) => ({ cluster: 'east', namespace })
    await house.writeApplication('shop', { except: [{ namespaces: [to] }] })
    const works = (namespace: string, since = 0) =>
      until('it works', async () => (await house.lastSign('shop', place(namespace), 'worker')) > since, 120)
    await kills.serve(undefined, works(from))
    await house.startMove('shop', { from: { namespace: from }, to: { namespace: to } })
    let landed = 0
    const killAll = async (arrived: () => Promise<unknown>): Promise<void> => {
      for (const point of points) if (await kills.serve(point, arrived())) landed++
      await kills.serve(undefined, arrived())
    }
    await killAll(() => house.inPhase('shop', 'AwaitingTraffic', 180))
    await works(to)
    await house.ask('shop', 'undo')
    // the phase is recorded before the application is written: a server that dies between leaves that to the next one
    const isLetGo = async () => (await house.getApplication('shop')).spec.move === undefined
    await killAll(async () => {
      await house.inPhase('shop', 'Undone', 180)
      await until('it is let go of', isLetGo)
    })
    const back = await house.lastSign('shop', place(from), 'worker')
    await works(from, back)
    console.log(`# ${landed} kills landed`)
    assert.ok(landed >= 8, `${landed} kills landed`)
    assertInTurns(await house.signs('shop'), [`east/${from}`, `east/${to}`, `east/${from}`])
    const { spec } = await house.getApplication('shop')
    assert.deepEqual([spec.move, spec.standby ?? []], [undefined, []])
  })
})
