import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import type { Caller } from '../handler.ts'
import { writeDocument } from './write-document.ts'

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
