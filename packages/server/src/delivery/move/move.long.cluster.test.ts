import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../../testing/until.ts'
import { readField } from '../delivery/testing/read-field.ts'
import { assertInTurns, type House, openHouse, signsOfJob } from './testing/open-house.ts'

describe('an application that moves from one namespace to another', () => {
  let house: House
  let from: string
  let to: string
  before(async () => {
    house = await openHouse({ members: ['east'], also: '-b' })
    from = house.target.project
    to = `${from}-b`
  })
  after(() => house.close())

  const place = (namespace: string) => ({ cluster: 'east', namespace })
  const begin = async (name: string, scheduled: boolean): Promise<void> => {
    await house.writeApplication(name, { except: [{ namespaces: [to] }] }, scheduled)
    await house.target.settled(name)
    await until('the worker works', async () => (await house.lastSign(name, place(from), 'worker')) > 0)
  }

  test('its CronJob and its consumer act in one of both at any moment, the gap is measured, and a person confirms before the old place goes', async () => {
    await begin('shop', true)
    // in the midst of a Job, which is let end
    const runs = async () => (await house.lastSign('shop', place(from), 'nightly')) > 0
    await until('its Job runs', runs, 90)
    await house.startMove('shop', { from: { namespace: from }, to: { namespace: to } })
    await house.inPhase('shop', 'Draining')
    const cronJob = await house.find('east', 'CronJob', 'shop-nightly', from, 'batch')
    assert.equal(readField(cronJob, 'spec', 'suspend'), true)
    assert.ok(await house.find('east', 'Deployment', 'shop-web', to), 'the rest is there already')
    await house.inPhase('shop', 'AwaitingTraffic')
    const nightly = async () => (await house.lastSign('shop', place(to), 'nightly')) > 0
    await until('its Job runs in the new place', nightly, 90)
    const standing = await house.find('east', 'Deployment', 'shop-worker', from)
    assert.equal(readField(standing, 'spec', 'replicas'), 0)
    const served = await house.find('east', 'Deployment', 'shop-web', from)
    assert.equal(readField(served, 'status', 'readyReplicas'), 1, 'what serves requests runs in both')
    assert.equal((await house.getMove('shop')).status?.phase, 'AwaitingTraffic')
    await house.ask('shop', 'confirmedTraffic')
    const { status } = await house.inPhase('shop', 'Succeeded')
    const signs = await house.signs('shop')
    assertInTurns(signs, [`east/${from}`, `east/${to}`])
    const last = Math.max(...(signs.get(`east/${from}`) ?? []).map(({ at }) => at))
    const first = Math.min(...(signs.get(`east/${to}`) ?? []).map(({ at }) => at))
    const seconds = status?.gap?.seconds ?? 0
    console.log(`# nothing acted for ${(first - last).toFixed(1)} s; measured ${seconds} s`)
    // it is seen some seconds after it is so, at both ends
    assert.ok(Math.abs(seconds - (first - last)) < 15, 'as the signs say')
    const jobs = (signs.get(`east/${from}`) ?? []).filter(({ who }) => who.startsWith('shop-nightly'))
    const ended = Map.groupBy(jobs, ({ who }) => who)
    assert.ok(
      [...ended.values()].every((signsOfOne) => signsOfOne.length === signsOfJob),
      'each Job came to its end',
    )
    const released = await until('it is let go of', async () => {
      const application = await house.getApplication('shop')
      return application.spec.move === undefined ? application : undefined
    })
    assert.deepEqual(released.spec.standby ?? [], [])
    assert.equal(await house.find('east', 'Deployment', 'shop-web', from), undefined)
    assert.match(released.status?.message ?? '', /./)
    const revisions = await house.target.server.store.revisions.list(released.metadata.uid ?? '', { limit: 10 })
    assert.ok(revisions.some(({ reason, by }) => reason.startsWith('move shop-move') && by === 'flotilla'))
  })

  test('comes back when somebody says so, in turns, and leaves nothing in the new place', async () => {
    await begin('back', false)
    await house.startMove('back', { from: { namespace: from }, to: { namespace: to } })
    await house.inPhase('back', 'AwaitingTraffic')
    await until('it works there', async () => (await house.lastSign('back', place(to), 'worker')) > 0)
    await house.ask('back', 'undo')
    const { status } = await house.inPhase('back', 'Undone')
    assert.ok((status?.undoGap?.seconds ?? 0) > 0)
    const before = await house.lastSign('back', place(from), 'worker')
    const again = async () => (await house.lastSign('back', place(from), 'worker')) > before
    await until('it works where it was', again)
    assertInTurns(await house.signs('back'), [`east/${from}`, `east/${to}`, `east/${from}`])
    assert.equal(await house.find('east', 'Deployment', 'back-web', to), undefined)
    const { spec } = await house.getApplication('back')
    assert.deepEqual(spec.placement, { except: [{ namespaces: [to] }] })
  })

  test('what stands by is put back when somebody starts it by hand', async () => {
    const { target } = house
    await house.writeApplication('still', { except: [{ namespaces: [to] }] })
    const key = { group: 'flotilla.dev', kind: 'Application', namespace: target.namespace, name: 'still' }
    const body = { spec: { standby: [{ namespaces: [from] }] } }
    await target.host.patch(key, { type: 'merge', body })
    await target.waitFor('still', 'stands by', ({ phase, applied }) => phase === 'Settled' && applied?.standby === true)
    const worker = { group: 'apps', kind: 'Deployment', namespace: from, name: 'still-worker' }
    await target.member().scale(worker, 1)
    const stands = async () => readField(await target.member().get(worker), 'spec', 'replicas') === 0
    await until('it stands again', stands)
  })
})
