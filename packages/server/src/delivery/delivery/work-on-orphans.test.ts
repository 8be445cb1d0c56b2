import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { silentLog } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import { apiVersion, FlotillaError, known, type KubeObject } from '@flotilla/model'
import { readOrphanProjects } from '../../fleet/orphan-projects.ts'
import { Counters } from './counters.ts'
import type { Workbench } from './deps.ts'
import { FieldOwners } from './field-owners.ts'
import { workOnOrphans } from './work-on-orphans.ts'

const delivery = {
  apiVersion,
  kind: 'Delivery',
  metadata: { name: 'web.east', namespace: 'pj-shop', uid: 'd-uid' },
  spec: {
    application: { name: 'web', uid: 'a-uid' },
    project: { name: 'shop', uid: 'p-uid', scope: 'Namespaced' },
    target: { cluster: 'east', namespace: 'shop' },
  },
}
const record = (policy: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'orphan-d-uid', namespace: 'flotilla-system' },
  data: { policy, delivery: JSON.stringify(delivery) },
})

/** A host in memory with one orphan, and a member that forbids everything to the project; neither is a real cluster. */
function openWorld(policy: string, namespace: 'present' | 'gone') {
  const world = { at: 0, orphans: [record(policy)], events: [] as string[] }
  const host = {
    list: async () => ({ items: world.orphans }),
    create: async (event: KubeObject) => void world.events.push(String(event['message'])),
    delete: async () => {
      world.orphans = []
      return 'deleted'
    },
  }
  const forbidden = async (): Promise<never> => {
    throw new FlotillaError('kube.forbidden', { message: 'no rights' })
  }
  const found = namespace === 'gone' ? undefined : { metadata: { name: 'shop' } }
  const bench = {
    owners: new FieldOwners(),
    counters: new Counters(),
    forbiddenSince: new Map<string, number>(),
    // only what a sweep that is refused at its first read asks for
    deps: {
      log: silentLog,
      // the time of day stands still: it says nothing of how long something lasts
      clock: { now: () => 0, elapsed: () => world.at },
      fleet: {
        host,
        get: () => ({ connection: { state: 'connected' } }),
        client: () => known({ find: async () => found }),
        deliveryClient: () => known({ find: forbidden, get: forbidden }),
      },
    } as unknown as Workbench['deps'],
  }
  const sweep = () => workOnOrphans(bench, 'east', new AbortController().signal)
  return { world, sweep, host: host as unknown as KubeClient }
}

describe('a sweep that is forbidden', () => {
  test('waits for the rights to come back, and ends with a finding when they do not', async () => {
    const { world, sweep } = openWorld('Delete', 'present')
    for (const minutes of [0, 1, 9]) {
      world.at = minutes * 60_000
      assert.deepEqual(await sweep(), { next: 'waiting', seconds: 30, reason: 'no rights' })
    }
    assert.deepEqual([world.orphans.length, world.events], [1, []])
    world.at = 11 * 60_000
    assert.equal((await sweep()).next, 'settled')
    assert.equal(world.orphans.length, 0)
    assert.match(
      world.events.join(),
      /web was removed, but its objects in east\/shop could not be.*flotilla.dev\/delivery=d-uid/,
    )
  })

  test('is over at once where nothing is to be deleted, or nothing can be there', async () => {
    const kept = openWorld('Keep', 'present')
    assert.equal((await kept.sweep()).next, 'settled')
    assert.match(kept.world.events.join(), /kept/)
    const gone = openWorld('Delete', 'gone')
    assert.equal((await gone.sweep()).next, 'settled')
    assert.deepEqual([gone.world.orphans, gone.world.events], [[], []])
  })
})

test('the projects of which something is still to be swept are known, and unknown is not none', async () => {
  const { host, world } = openWorld('Delete', 'present')
  const { signal } = new AbortController()
  assert.deepEqual(await readOrphanProjects(host, 'east', signal), known(new Set(['p-uid'])))
  world.orphans = [{ ...record('Keep'), data: { delivery: '{' } }]
  assert.deepEqual(await readOrphanProjects(host, 'east', signal), known(new Set()))
  const list = () => Promise.reject(new FlotillaError('kube.unavailable', { message: 'down' }))
  assert.equal((await readOrphanProjects({ list }, 'east', signal)).known, false)
})
