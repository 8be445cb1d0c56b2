import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Application,
  type FrozenDocument,
  type FrozenTarget,
  type KubeObject,
  Release,
  type WantedSet,
} from '@flotilla/model'
import { createMemoryBlobs } from '../application/testing/memory-blobs.ts'
import type { StoredSet } from '../rendered-set.ts'
import { createStoredSets } from '../stored-sets.ts'
import type { ReleaseDeps } from './deps.ts'
import { differenceOfRelease, differenceOfReleases } from './difference.ts'
import { migrationAnnotation } from '@flotilla/reconcile'
import { findMigrations } from './find-migrations.ts'
import { createFrozenDocuments } from './frozen-documents.ts'

const { signal } = new AbortController()
const key = new Uint8Array(32)
const configMap = (name: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: { value },
})
const job = (name: string, annotations: Record<string, string> = {}): StoredSet['hooks'][number] => ({
  name,
  object: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'shop', annotations } },
  events: ['pre-upgrade'],
  weight: 0,
  deletePolicies: [],
})

/** Sets and documents in memory; nothing is rendered. */
function open() {
  const blobs = createMemoryBlobs()
  const sets = createStoredSets(blobs, key)
  const documents = createFrozenDocuments(blobs, key)
  // what compares frozen releases asks for no more than these
  const deps = { shared: { sets }, documents } as unknown as ReleaseDeps
  const want = async (objects: readonly KubeObject[], hooks: StoredSet['hooks'] = []): Promise<WantedSet> => {
    const digest = await sets.put({ component: 'web', crds: [], objects, hooks, notes: '' })
    return { digest, components: [{ name: 'web', digest, ownOverrides: 0, hookTimeoutSeconds: 300 }] }
  }
  const target = (cluster: string, after: WantedSet, baseline?: WantedSet): FrozenTarget => ({
    cluster,
    namespace: 'shop',
    delivery: `web.${cluster}`,
    ...after,
    ...(baseline === undefined ? {} : { baseline }),
  })
  const release = async (name: string, targets: readonly FrozenTarget[], application = 'web'): Promise<Release> => {
    const document = await documents.releases.put({ targets } as unknown as FrozenDocument)
    const frozen = { digest: name, document, at: '', authors: [], componentVersions: [], targets: [] }
    return Release.parse({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Release',
      metadata: { name, namespace: 'pj-shop' },
      spec: { application, authors: ['flotilla:user:ann'], freeze: true },
      status: { phase: 'Frozen', frozen },
    })
  }
  const difference = (one: Release, only?: { cluster: string }) =>
    differenceOfRelease(deps, { release: one, application: {} as Application, target: only, signal })
  return { blobs, sets, deps, want, target, release, difference }
}

describe('the difference of a release', () => {
  test('tells objects and hooks, for each target over what it had', async () => {
    const { want, target, release, difference } = open()
    const before = await want([configMap('a', '1'), configMap('gone', '1')])
    const after = await want([configMap('a', '2')], [job('migrate')])
    const { items, targets, truncated } = await difference(
      await release('r1', [target('east', after, before), target('new', after), target('same', after, after)]),
    )
    assert.deepEqual(
      targets.map(({ cluster, change, added, changed, removed }) => [cluster, change, added, changed, removed]),
      [
        ['east', 'changed', 1, 1, 1],
        ['new', 'added', 2, 0, 0],
        ['same', 'unchanged', 0, 0, 0],
      ],
    )
    assert.deepEqual(
      items.map(({ cluster, ref, change }) => [cluster, ref.name, change]),
      [
        ['east', 'a', 'changed'],
        ['east', 'migrate', 'added'],
        ['east', 'gone', 'removed'],
        ['new', 'a', 'added'],
        ['new', 'migrate', 'added'],
      ],
    )
    assert.equal(truncated, false)
  })

  test('is bounded, with counts for all targets, and tells one of them whole when it is asked for', async () => {
    const { want, target, release, difference } = open()
    const many = await want(Array.from({ length: 300 }, (_, at) => configMap(`c${at}`, '1')))
    const one = await release(
      'r1',
      ['a', 'b', 'c'].map((cluster) => target(cluster, many)),
    )
    const all = await difference(one)
    assert.deepEqual([all.items.length, all.truncated], [500, true])
    assert.deepEqual(
      all.targets.map(({ added }) => added),
      [300, 300, 300],
    )
    const last = await difference(one, { cluster: 'c' })
    assert.deepEqual([last.items.length, last.truncated, last.targets.length], [300, false, 3])
    assert.ok(last.items.every(({ cluster }) => cluster === 'c'))
  })

  test('from one release to another, of one application, both frozen', async () => {
    const { deps, want, target, release } = open()
    const [old, fresh] = [await want([configMap('a', '1')]), await want([configMap('a', '2')])]
    const before = await release('r1', [target('east', old), target('left', old)])
    const after = await release('r2', [target('east', fresh), target('new', fresh)])
    const { targets } = await differenceOfReleases(deps, { before, after, signal })
    assert.deepEqual(
      targets.map(({ cluster, change }) => [cluster, change]),
      [
        ['east', 'changed'],
        ['new', 'added'],
        ['left', 'removed'],
      ],
    )
    const foreign = await release('r3', [], 'api')
    await assert.rejects(differenceOfReleases(deps, { before, after: foreign, signal }), { code: 'request.conflict' })
    const draft = { ...after, status: {} }
    await assert.rejects(differenceOfReleases(deps, { before, after: draft, signal }), { code: 'request.conflict' })
  })

  test('says what is no longer stored: a set is a finding, a document an error', async () => {
    const { blobs, want, target, release, difference } = open()
    const [old, fresh] = [await want([configMap('a', '1')]), await want([configMap('a', '2')])]
    const one = await release('r1', [target('east', fresh, old)])
    blobs.bytes.delete(`set/${old.digest}`)
    const { findings, targets } = await difference(one)
    assert.deepEqual([findings.map(({ code }) => code), targets[0]?.added], [['release.baseline_lost'], 1])
    blobs.bytes.clear()
    await assert.rejects(difference(one), { code: 'request.not_found' })
  })
})

test('migrations are hooks that say so; where one target cannot take it back, none can', async () => {
  const { sets, want, target } = open()
  const hooks = (said: string) => [job('schema', { [migrationAnnotation]: said }), job('notify')]
  const [a, b] = [await want([], hooks('irreversible')), await want([configMap('x', '1')], hooks('true'))]
  assert.deepEqual(await findMigrations(sets, [target('a', a), target('b', b)]), [
    { component: 'web', name: 'schema', reversible: false },
  ])
  assert.deepEqual(await findMigrations(sets, [target('b', b)]), [
    { component: 'web', name: 'schema', reversible: true },
  ])
})
