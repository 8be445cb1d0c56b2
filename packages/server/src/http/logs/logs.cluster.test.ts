import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LogItem } from '@flotilla/api'
import { deliverTalker, type HttpWorld, openHttpWorld } from '../testing/open-http-world.ts'

let world: HttpWorld
before(
  async () => {
    world = await openHttpWorld({ talker: true })
  },
  { timeout: 300_000 },
)
after(() => world?.close(), { timeout: 120_000 })

describe('logs of two pods', () => {
  let project = ''
  before(
    async () => {
      ;({ project } = world)
      await deliverTalker(world)
    },
    { timeout: 180_000 },
  )

  test('come with where they are from, and with an end that says why', { timeout: 120_000 }, async () => {
    const items: LogItem[] = []
    for await (const item of world.admin.applications.logs({
      params: { project, application: 'web' },
      query: { tail: 3 },
    }))
      items.push(item)
    const lines = items.filter((item) => item.type === 'line')
    assert.equal(new Set(lines.map((line) => line.pod)).size, 2)
    assert.ok(lines.every((line) => line.cluster === 'east' && line.container === 'talker' && line.at !== undefined))
    assert.equal(items.at(-1)?.type, 'end')
  })

  test('are followed until the session ends', { timeout: 120_000 }, async () => {
    const mine = await world.enter('admin')
    let lines = 0
    let end = ''
    let outAt = 0
    for await (const item of mine.applications.logs({
      params: { project, application: 'web' },
      query: { follow: true, tail: 1 },
    })) {
      if (item.type === 'line' && ++lines === 6) {
        await mine.session.signOut()
        outAt = performance.now()
      }
      if (item.type === 'end') end = item.reason
    }
    assert.ok(lines >= 6)
    assert.equal(end, 'The session is over')
    const took = performance.now() - outAt
    assert.ok(took < 5_000, `it went on for ${took} ms`)
  })

  test(
    'are refused to who may not read them in the cluster, and the refusal is not an empty log',
    { timeout: 120_000 },
    async () => {
      const items: LogItem[] = []
      for await (const item of world.dora.applications.logs({ params: { project, application: 'web' } }))
        items.push(item)
      assert.ok(
        items.some((item) => item.type === 'failed' && /forbidden|may not/i.test(item.reason)),
        JSON.stringify(items),
      )
      assert.ok(!items.some((item) => item.type === 'line'))
    },
  )

  test('events say what happened to the pods', { timeout: 120_000 }, async () => {
    const { items, failures } = await world.admin.applications.events({ params: { project, application: 'web' } })
    assert.deepEqual(failures, [])
    assert.ok(items.some((event) => event.reason === 'Started' && event.component === 'talker'))
  })
})
