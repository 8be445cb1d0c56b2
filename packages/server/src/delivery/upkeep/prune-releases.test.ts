import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { type PruneReleasesDeps, pruneReleases } from './prune-releases.ts'

const minute = (at: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + at * 60_000).toISOString()
const now = Date.parse('2026-06-01T00:00:00Z')

/** One application `web` that keeps one release; r1 and r2 are over. */
function scene(more: { readonly unreadable?: boolean } = {}) {
  const object = (name: string, at: number, rest: object) => ({
    metadata: { name, namespace: 'pj-shop', uid: `uid-${name}`, creationTimestamp: minute(at) },
    ...rest,
  })
  const release = (name: string, at: number, application = 'web') =>
    object(name, at, {
      spec: { application },
      status: { phase: 'Superseded', frozen: { componentVersions: [`version-of-${name}`] } },
    })
  const run = (name: string, of: string, at: number) =>
    object(name, at, { spec: { application: 'web', release: of, control: {} }, status: { phase: 'Succeeded' } })
  const version = (name: string) => object(name, 0, { spec: { application: 'web' } })
  const kind = (objects: readonly object[], unreadable = new Map<string, string>()) => ({
    list: () => objects,
    unreadable,
  })
  const state = {
    applications: kind([object('web', 0, { spec: { releaseHistoryLimit: 1 } })]),
    deliveries: kind([]),
    releases: kind(
      [release('r1', 1), release('r2', 2), release('other', 0, 'cart')],
      more.unreadable === true ? new Map([['pj-shop/odd', 'no']]) : undefined,
    ),
    rollouts: kind([run('r1-1', 'r1', 1), run('r2-1', 'r2', 2)]),
    approvals: kind([object('yes', 1, { spec: { release: 'r1' } }), object('also', 2, { spec: { release: 'r2' } })]),
    componentVersions: kind([version('version-of-r1'), version('version-of-r2')]),
  } as unknown as PruneReleasesDeps['state']
  const deleted: string[] = []
  const host = {
    delete: async ({ kind: of, name }: { kind: string; name: string }, { uid }: { uid: string }) => {
      assert.equal(uid, `uid-${name}`)
      deleted.push(`${of} ${name}`)
    },
  } as unknown as KubeClient
  return { deleted, pass: () => pruneReleases({ state, host, now: () => now, signal: AbortSignal.timeout(5_000) }) }
}

describe('upkeep of releases (a stand-in for the host)', () => {
  test('takes what is over away with all that belongs to it, the release last', async () => {
    const { deleted, pass } = scene()
    assert.equal(await pass(), 4)
    assert.deepEqual(deleted, ['Rollout r1-1', 'Approval yes', 'Release r1', 'ComponentVersion version-of-r1'])
  })

  test('takes nothing while something cannot be read', async () => {
    const { deleted, pass } = scene({ unreadable: true })
    assert.equal(await pass(), 0)
    assert.deepEqual(deleted, [])
  })
})
