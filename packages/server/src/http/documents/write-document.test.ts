import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import type { Caller } from '../handler.ts'
import { writeDocument } from './write-document.ts'

describe('who edits an application', () => {
  const spec = (image: string, more: object = {}) => ({
    components: [{ name: 'web', manifests: { inline: image } }],
    ...more,
  })
  const object = (given: object, by: string, version = '7'): KubeObject => ({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Application',
    metadata: {
      name: 'web',
      namespace: 'pj-shop',
      resourceVersion: version,
      generation: 3,
      annotations: { 'flotilla.dev/changed-by': by },
    },
    spec: given,
  })
  /** What is written when bob replaces what ann wrote. */
  const replace = async (next: object) => {
    const events: unknown[] = []
    const host = {
      find: async () => object(spec('a: 1'), 'ann'),
      update: async (sent: KubeObject, { dryRun }: { dryRun?: boolean }) => {
        const { annotations, resourceVersion } = sent.metadata
        if (dryRun !== true) events.push({ author: annotations?.['flotilla.dev/changed-by'], resourceVersion })
        return { ...sent, metadata: { ...sent.metadata, resourceVersion: '9' } }
      },
    }
    const value = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Application', metadata: { name: 'web' }, spec: next }
    const { error } = await writeDocument(
      { number: 1, value },
      { mode: 'replace', dryRun: false, force: false, project: 'shop', resourceVersion: '7' },
      { host, identity: { user: 'bob' } } as unknown as Caller,
      async (before, by) => {
        events.push({ noted: by })
        return object(before['spec'] as object, 'ann', '8')
      },
      AbortSignal.timeout(5000),
    )
    assert.equal(error, undefined)
    return events
  }

  test('is noted before it is written and after, which is no conflict with the version that was read', async () => {
    assert.deepEqual(await replace(spec('a: 2')), [
      { noted: 'bob' },
      { author: 'bob', resourceVersion: '8' },
      { noted: 'bob' },
    ])
  })

  test('is nobody who changes how often it is looked at, but whose name stood there is kept', async () => {
    assert.deepEqual(await replace(spec('a: 1', { pollSeconds: 60 })), [
      { noted: undefined },
      { author: 'bob', resourceVersion: '8' },
    ])
  })

  test('stays who it was where nothing changes, or it is only paused', async () => {
    assert.deepEqual(await replace(spec('a: 1')), [{ author: 'ann', resourceVersion: '7' }])
    assert.deepEqual(await replace(spec('a: 1', { paused: true })), [{ author: 'ann', resourceVersion: '7' }])
  })
})

test('an editor says the version that it read beside the text, not in it', async () => {
  const updated: KubeObject[] = []
  const host = {
    find: async () => undefined,
    update: async (object: KubeObject) => {
      updated.push(object)
      return object
    },
  }
  const value = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Application', metadata: { name: 'web' }, spec: {} }
  await writeDocument(
    { number: 1, value },
    { mode: 'replace', dryRun: false, force: false, project: 'shop', resourceVersion: '7' },
    { host, identity: { user: 'flotilla:user:1' } } as unknown as Caller,
    async () => undefined,
    AbortSignal.timeout(5000),
  )
  assert.equal(updated[0]?.metadata.resourceVersion, '7')
})

test('the cluster says which kinds have no namespace', async () => {
  const created: KubeObject[] = []
  const host = {
    find: async () => undefined,
    create: async (object: KubeObject) => {
      created.push(object)
      return object
    },
    discovery: {
      resolveKind: async ({ kind }: { kind: string }) => {
        if (kind === 'Unheard') throw new FlotillaError('kube.kind_not_served', { message: 'no such kind' })
        return { namespaced: kind === 'ConfigMap' }
      },
    },
  }
  const write = (apiVersion: string, kind: string) =>
    writeDocument(
      { number: 1, value: { apiVersion, kind, metadata: { name: 'x' } } },
      { mode: 'create', dryRun: false, force: false, project: 'shop' },
      { host, identity: { user: 'flotilla:user:1' } } as unknown as Caller,
      async () => undefined,
      AbortSignal.timeout(5000),
    )
  await write('networking.k8s.io/v1', 'IngressClass')
  await write('v1', 'ConfigMap')
  assert.deepEqual(
    created.map(({ metadata }) => metadata.namespace),
    [undefined, 'pj-shop'],
  )
  assert.equal((await write('example.test/v1', 'Unheard')).error?.code, 'kube.kind_not_served')
})
