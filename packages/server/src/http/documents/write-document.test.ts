import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
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
