import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Caller, Services } from './handler.ts'
import { createSessionGuard } from './session-guard.ts'

/** A stand-in for sessions: what memory says, and what the store answers. */
function guarded(store: () => Promise<object | undefined>, options?: { readonly endsWithRole: boolean }) {
  const world = { now: 0, groups: ['a', 'b'] as string[] | undefined, asked: 0 }
  const services = {
    sessions: {
      recall: () => (world.groups === undefined ? undefined : { identity: { groups: world.groups } }),
      stillOpen: () => {
        world.asked++
        return store()
      },
    },
    deps: { clock: { elapsed: () => world.now } },
  } as unknown as Services
  const caller = { tokenHash: 'h', identity: { user: 'u', groups: ['a', 'b'] } } as unknown as Caller
  const over = createSessionGuard(services, caller, options)
  const after = async (ms: number): Promise<string | undefined> => {
    world.now += ms
    const why = over()
    await turn()
    return why
  }
  return { world, after }
}

describe('what somebody has open', () => {
  test('goes on, and the store is asked now and then only', async () => {
    const { world, after } = guarded(() => Promise.resolve({}))
    world.groups = ['a', 'b', 'another that came']
    for (let at = 0; at < 60; at++) assert.equal(await after(1_000), undefined)
    assert.ok(world.asked >= 20 && world.asked <= 40, String(world.asked))
  })

  test('ends within two seconds when its session was closed', async () => {
    const { after } = guarded(() => Promise.resolve(undefined))
    const said = [await after(1_000), await after(1_000), await after(1_000)]
    assert.deepEqual(said, [undefined, undefined, 'The session is over'])
  })

  test('ends at once when the person or a role is gone, although the store hangs', async () => {
    for (const [groups, why] of [
      [undefined, 'The session is over'],
      [['a'], 'A role was taken away'],
    ] as const) {
      const { world, after } = guarded(() => new Promise(() => undefined))
      assert.equal(await after(3_000), undefined)
      world.groups = groups === undefined ? undefined : [...groups]
      assert.equal(await after(1), why)
    }
  })

  test('goes on without a role where rights are asked for each time, and ends with the person', async () => {
    const { world, after } = guarded(() => Promise.resolve({}), { endsWithRole: false })
    world.groups = []
    assert.equal(await after(1_000), undefined)
    world.groups = undefined
    assert.equal(await after(1_000), 'The session is over')
  })

  test('does not go on for ever while nobody knows', async () => {
    for (const store of [() => new Promise<undefined>(() => undefined), () => Promise.reject(new Error('away'))]) {
      const { after } = guarded(store)
      assert.equal(await after(9_000), undefined)
      assert.match((await after(2_000)) ?? '', /is not known/)
    }
  })
})
