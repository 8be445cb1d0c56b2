import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { createAuthorizer } from './authorizer.ts'

test('a right that was taken away ends within seconds, also when the time of day is set back meanwhile', async () => {
  const world = { allowed: true, asked: 0, elapsed: 0, now: 1_000_000_000 }
  const client = {
    as: () => ({
      create: async () => {
        world.asked++
        return { status: { allowed: world.allowed } }
      },
    }),
    // only what a question needs
  } as unknown as KubeClient
  const clock = { now: () => world.now, elapsed: () => world.elapsed }
  const authorizer = createAuthorizer({ client, clock })
  const question = { verb: 'get', group: 'flotilla.dev', resource: 'applications', namespace: 'pj-shop' }
  const may = () => authorizer.may({ user: 'flotilla:user:dora', groups: [] }, question)
  assert.equal(await may(), true)
  world.allowed = false
  world.now -= 600_000
  world.elapsed += 1_000
  assert.equal(await may(), true)
  assert.equal(world.asked, 1, 'answers hold for a moment')
  world.elapsed += 4_000
  assert.equal(await may(), false)
  await assert.rejects(authorizer.check({ user: 'flotilla:user:dora', groups: [] }, question), {
    code: 'auth.forbidden',
  })
})
