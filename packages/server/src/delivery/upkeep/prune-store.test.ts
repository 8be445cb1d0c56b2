import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import {
  Application,
  apiVersion,
  Delivery,
  type FrozenDocument,
  type Release,
  type Rollout,
  type WantedSet,
} from '@flotilla/model'
import * as fc from 'fast-check'
import { openDatabase } from '../../store/sqlite-operations.ts'
import { exampleRevision } from '../../store/store.suite.ts'
import type { Store } from '../../store/store.ts'
import { createFrozenDocuments } from '../release/frozen-documents.ts'
import { setKey } from '../stored-sets.ts'
import { sourceKey, uploadKey } from '../application/source-store.ts'
import { graceMs, logMs, type PruneMemory, pruneStore } from './prune-store.ts'

const digestOf = (number: number): string => `sha256:${String(number).padStart(64, '0')}`
const digestKey = new Uint8Array(32)
const start = Date.parse('2026-01-01T00:00:00Z')

function openMemoryStore(): Pick<Store, 'blobs' | 'revisions'> {
  const database = openDatabase({ file: ':memory:', blobKey: new Uint8Array(32) })
  return {
    blobs: {
      put: async (key, bytes) => database['blobs.put'](key, bytes),
      get: async (key) => database['blobs.get'](key),
      prune: async (page) => database['blobs.prune'](page),
    },
    revisions: {
      append: async (revision) => database['revisions.append'](revision),
      get: async (uid, revision) => database['revisions.get'](uid, revision),
      latest: async (uid) => database['revisions.latest'](uid),
      list: async (uid, { before, limit }) => database['revisions.list'](uid, before ?? Number.MAX_SAFE_INTEGER, limit),
      applications: async ({ after, limit }) => database['revisions.applications'](after ?? '', limit),
      prune: async (uid, left) => database['revisions.prune'](uid, left),
    },
  }
}

const application = (uid: string, upload: number, limit?: number): Application =>
  Application.parse({
    apiVersion,
    kind: 'Application',
    metadata: { name: uid, namespace: 'pj-shop', uid },
    spec: {
      components: [{ name: 'web', manifests: { upload: { digest: digestOf(upload) } } }],
      ...(limit === undefined ? {} : { revisionHistoryLimit: limit }),
    },
  })

function delivery(
  uid: string,
  wanted: { revision: number; set: string },
  applied: { revision: number; set: string },
): Delivery {
  return Delivery.parse({
    apiVersion,
    kind: 'Delivery',
    metadata: { name: `${uid}.east`, namespace: 'pj-shop', uid: `delivery-${uid}` },
    spec: {
      application: { name: uid, uid },
      project: { name: 'shop', uid: 'project' },
      target: { cluster: 'east', namespace: 'shop' },
      desired: { revision: wanted.revision, digest: 'd', components: [{ name: 'web', digest: wanted.set }] },
    },
    status: {
      applied: { revision: applied.revision, digest: 'd', at: '2026-01-01T00:00:00Z' },
      components: [{ name: 'web', health: 'Healthy', digest: applied.set }],
    },
  })
}

interface Scene {
  readonly releases?: readonly Release[]
  readonly rollouts?: readonly Rollout[]
  readonly applications: readonly Application[]
  readonly deliveries: readonly Delivery[]
  readonly unreadable?: string
}
const nothing = new Map<string, string>()
const prune = (
  store: Pick<Store, 'blobs' | 'revisions'>,
  scene: Scene,
  memory: PruneMemory = { ownerless: new Map() },
  logs: { prune(before: string): Promise<number> } = { prune: async () => 0 },
) =>
  pruneStore(
    {
      state: {
        applications: {
          list: () => scene.applications,
          unreadable: scene.unreadable === undefined ? nothing : new Map([[scene.unreadable, 'no']]),
        },
        deliveries: { list: () => scene.deliveries, unreadable: nothing },
        releases: { list: () => scene.releases ?? [], unreadable: nothing },
        rollouts: { list: () => scene.rollouts ?? [], unreadable: nothing },
      },
      store: { ...store, stepLogs: logs },
      documents: createFrozenDocuments(store.blobs, digestKey),
      renderMemory: { blobKeys: () => ['rendered/known'] },
      now: () => Date.now(),
      signal: AbortSignal.timeout(60_000),
      pauseMs: 0,
    },
    memory,
  )

describe('the store is pruned', () => {
  const small = fc.integer({ min: 0, max: 8 })
  const histories = fc.record({
    uploads: fc.array(small, { minLength: 1, maxLength: 12 }),
    limit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    wanted: small,
    applied: small,
    there: fc.boolean(),
  })

  test('of what nothing names, and never of what is in use, however histories and targets are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(histories, { minLength: 1, maxLength: 4 }),
        fc.array(small, { maxLength: 4 }),
        async (all, young) => {
          mock.timers.enable({ apis: ['Date'], now: start })
          try {
            const store = openMemoryStore()
            for (let number = 0; number <= 8; number++) {
              for (const key of [
                uploadKey(digestOf(number)),
                sourceKey('manifests', digestOf(number)),
                setKey(`set-${number}`),
              ])
                await store.blobs.put(key, Buffer.from(key))
            }
            await store.blobs.put('rendered/known', Buffer.from('x'))
            const scene = { applications: new Array<Application>(), deliveries: new Array<Delivery>() }
            for (const [at, { uploads, limit, wanted, applied, there }] of all.entries()) {
              const uid = `uid-${at}`
              for (const [index, upload] of uploads.entries()) {
                const { spec } = application(uid, upload)
                const sources = [{ component: 'web', digest: digestOf(upload), resolvedAt: '2026-01-01T00:00:00Z' }]
                await store.revisions.append(exampleRevision(uid, index + 1, { spec, sources }))
              }
              if (!there) continue
              scene.applications.push(application(uid, uploads.at(-1) ?? 0, limit))
              const of = (number: number) => ({ revision: 1 + (number % uploads.length), set: `set-${number}` })
              scene.deliveries.push(delivery(uid, of(wanted), of(applied)))
            }
            const memory: PruneMemory = { ownerless: new Map() }
            await prune(store, scene, memory)
            mock.timers.setTime(start + graceMs + 1000)
            for (const number of young) await store.blobs.put(uploadKey(digestOf(number)), Buffer.from('again'))
            await prune(store, scene, memory)

            const uploadsLeft = new Set(young)
            for (const [at, { uploads, limit, wanted, applied, there }] of all.entries()) {
              const left = (await store.revisions.list(`uid-${at}`, { limit: 100 })).map(({ revision }) => revision)
              const named = [wanted, applied].map((number) => 1 + (number % uploads.length))
              const newest = uploads.length - (limit ?? 20)
              const numbers = uploads.map((_, index) => index + 1)
              const right = there ? numbers.filter((number) => number > newest || named.includes(number)) : []
              assert.deepEqual(
                left.toSorted((a, b) => a - b),
                right,
              )
              for (const number of left) uploadsLeft.add(uploads[number - 1] ?? 0)
            }
            const sets = new Set(all.flatMap(({ wanted, applied, there }) => (there ? [wanted, applied] : [])))
            for (let number = 0; number <= 8; number++) {
              assert.equal((await store.blobs.get(uploadKey(digestOf(number)))) !== undefined, uploadsLeft.has(number))
              assert.equal((await store.blobs.get(setKey(`set-${number}`))) !== undefined, sets.has(number))
            }
            assert.ok(await store.blobs.get('rendered/known'))
          } finally {
            mock.timers.reset()
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('of what no release and no rollout names, whose documents say what they need', async () => {
    mock.timers.enable({ apis: ['Date'], now: start })
    try {
      const store = openMemoryStore()
      const documents = createFrozenDocuments(store.blobs, digestKey)
      const set = (name: string): WantedSet => ({
        digest: name,
        components: [{ name: 'web', digest: name, ownOverrides: 0, hookTimeoutSeconds: 300 }],
        renderedFrom: JSON.stringify({
          web: { inputs: 'i', capabilities: `can-${name}`, upgrade: false, revision: 1 },
        }),
      })
      const { spec } = application('shop', 3)
      const head = {
        release: { name: 'r1', uid: 'r', digest: 'd' },
        application: { name: 'shop', uid: 'shop' },
        project: { name: 'shop', uid: 'p', scope: 'Namespaced' as const },
        spec,
        at: '2026-01-01T00:00:00Z',
      }
      const place = { cluster: 'east', namespace: 'shop', delivery: 'shop.east' }
      const frozen: FrozenDocument = {
        ...head,
        declared: spec,
        choices: [],
        sources: [{ component: 'web', digest: digestOf(1), resolvedAt: '2026-01-01T00:00:00Z' }],
        targets: [{ ...place, ...set('frozen'), baseline: set('baseline') }],
        migrations: [],
      }
      const release = await documents.releases.put(frozen)
      const rollout = await documents.rollouts.put({
        ...head,
        rollout: { name: 'r1-1', uid: 'ro' },
        plan: { stages: [], timeZone: 'UTC', whenBusy: 'Queue' },
        action: 'Release',
        migrations: [],
        authors: [],
        targets: [{ ...place, stage: 'all', want: set('want'), before: set('before') }],
      })
      const named = ['frozen', 'baseline', 'want', 'before'].flatMap((name) => [
        setKey(name),
        `capabilities/can-${name}`,
      ])
      const kept = [...named, sourceKey('manifests', digestOf(1)), uploadKey(digestOf(3))]
      const gone = [setKey('other'), sourceKey('manifests', digestOf(2)), 'capabilities/other']
      for (const key of [...kept, ...gone]) await store.blobs.put(key, Buffer.from(key))
      mock.timers.setTime(start + 2 * graceMs)
      const scene = {
        applications: [],
        deliveries: [],
        releases: [{ status: { frozen: { document: release } } }] as unknown as Release[],
        rollouts: [{ status: { snapshot: { document: rollout } } }] as unknown as Rollout[],
      }
      assert.deepEqual(await prune(store, scene), { revisions: 0, blobs: gone.length, logs: 0 })
      for (const key of kept) assert.ok(await store.blobs.get(key), key)
      mock.timers.setTime(start + 4 * graceMs)
      assert.deepEqual(await prune(store, { applications: [], deliveries: [] }), {
        revisions: 0,
        blobs: kept.length + 2,
        logs: 0,
      })
    } finally {
      mock.timers.reset()
    }
  })

  test('of what steps printed half a year ago, a part at a time until none is left', async () => {
    const asked: string[] = []
    const left = [200, 7]
    const logs = {
      prune: async (before: string) => {
        asked.push(before)
        return left.shift() ?? 0
      },
    }
    mock.timers.enable({ apis: ['Date'], now: start })
    try {
      const scene = { applications: [], deliveries: [] }
      assert.deepEqual(await prune(openMemoryStore(), scene, undefined, logs), { revisions: 0, blobs: 0, logs: 207 })
      assert.deepEqual(new Set(asked), new Set([new Date(start - logMs).toISOString()]))
      assert.equal(asked.length, 3)
    } finally {
      mock.timers.reset()
    }
  })

  test('not at all while something cannot be read', async () => {
    mock.timers.enable({ apis: ['Date'], now: start })
    try {
      const store = openMemoryStore()
      await store.blobs.put(uploadKey(digestOf(1)), Buffer.from('x'))
      mock.timers.setTime(start + 2 * graceMs)
      const pruned = await prune(store, { applications: [], deliveries: [], unreadable: 'pj-shop/odd' })
      assert.deepEqual(pruned, { skipped: 'pj-shop/odd cannot be read', logs: 0 })
      assert.ok(await store.blobs.get(uploadKey(digestOf(1))), 'and reading is using')
      mock.timers.setTime(start + 4 * graceMs)
      assert.deepEqual(await prune(store, { applications: [], deliveries: [] }), { revisions: 0, blobs: 1, logs: 0 })
    } finally {
      mock.timers.reset()
    }
  })
})
