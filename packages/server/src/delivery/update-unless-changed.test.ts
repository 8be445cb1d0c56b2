import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { updateUnlessChanged } from './update-unless-changed.ts'

const { signal } = new AbortController()

/** Stands for an API server with one object, which others write between a read and the write that follows it. */
function hold(others: readonly ((object: KubeObject) => KubeObject)[]) {
  let version = 1
  let held: KubeObject = {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'prj-shop', uid: 'u1', generation: 1, resourceVersion: '1', annotations: {} },
    spec: { paused: false },
  }
  const waiting = [...others]
  const client = {
    get: () => Promise.resolve(held),
    update: (object: KubeObject) => {
      const other = waiting.shift()
      if (other !== undefined)
        held = other({ ...held, metadata: { ...held.metadata, resourceVersion: `${++version}` } })
      if (object.metadata.resourceVersion !== held.metadata.resourceVersion)
        return Promise.reject(new FlotillaError('kube.conflict', { message: 'the object has been modified' }))
      held = object
      return Promise.resolve(held)
    },
  }
  return { client: client as unknown as KubeClient, held: () => held }
}

const pause = (live: KubeObject): KubeObject => ({ ...live, spec: { paused: true } })
const annotated = (name: string) => (object: KubeObject) => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [name]: 'yes' } },
})

describe('writing what was read before', () => {
  test('takes a status and notes that others wrote meanwhile as they are', async () => {
    const status = (object: KubeObject): KubeObject => ({ ...object, status: { revision: 7 } })
    const { client, held } = hold([status, annotated('theirs')])
    await updateUnlessChanged(client, await client.get({} as never), pause, signal)
    assert.deepEqual(held()['spec'], { paused: true })
    assert.deepEqual(held()['status'], { revision: 7 })
    assert.deepEqual(held().metadata.annotations, { theirs: 'yes' })
  })

  test('is a conflict when somebody changed the specification, or made the object anew', async () => {
    for (const other of [{ generation: 2 }, { uid: 'u2' }]) {
      const change = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, ...other } })
      const { client, held } = hold([change])
      await assert.rejects(updateUnlessChanged(client, await client.get({} as never), pause, signal), {
        code: 'kube.conflict',
      })
      assert.deepEqual(held()['spec'], { paused: false })
    }
  })

  test('ends when others never leave it alone', async () => {
    const { client } = hold(Array.from({ length: 100 }, (_, at) => annotated(`at-${at}`)))
    await assert.rejects(updateUnlessChanged(client, await client.get({} as never), pause, signal), {
      code: 'kube.conflict',
    })
  })
})
