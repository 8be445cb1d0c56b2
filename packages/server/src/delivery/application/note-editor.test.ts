import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { annotations, type KubeObject } from '@flotilla/model'
import { editedSince, editorsOf, isEdit, noteEditor } from './note-editor.ts'

const [ann, bob] = ['flotilla:user:ann', 'flotilla:user:bob']
const object = (by: string | undefined, editors?: Record<string, string>, spec: object = {}): KubeObject => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Application',
  metadata: {
    name: 'web',
    namespace: 'pj-shop',
    ...(by === undefined ? {} : { annotations: { [annotations.changedBy]: by } }),
  },
  spec: { components: [{ name: 'web', manifests: { inline: 'a: 1' } }], ...spec },
  ...(editors === undefined ? {} : { status: { editors } }),
})
const noted = async (before: KubeObject, by: string | undefined): Promise<unknown> => {
  let body: unknown
  const patch = async (_key: unknown, given: { body: { status: { editors: unknown } } }) => {
    body = given.body.status.editors
  }
  await noteEditor({ patch } as unknown as KubeClient, { before, by, at: '2' }, AbortSignal.timeout(5_000))
  return body
}

describe('who edited an application', () => {
  test('keeps who changed it before, whose place in the annotation the next writer takes', async () => {
    assert.deepEqual(await noted(object(ann), bob), { [ann]: '', [bob]: '2' })
    assert.deepEqual(await noted(object(ann), undefined), { [ann]: '' })
    assert.deepEqual(await noted(object(bob, { [ann]: '1' }), bob), { [bob]: '2' })
    assert.deepEqual(await noted(object(bob, { [ann]: '1' }), undefined), { [bob]: '' })
    assert.equal(await noted(object(ann, { [ann]: '1' }), undefined), undefined)
  })

  test('forgets the oldest of very many', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`p${n}`, n === 7 ? '0' : '1']))
    assert.deepEqual(await noted(object(undefined, many), bob), { [bob]: '2', p7: null })
  })

  test('is told since a state of it, again when the same person came back', () => {
    assert.deepEqual(editedSince({ [ann]: '1', [bob]: '2' }, { [ann]: '1' }), [bob])
    assert.deepEqual(editedSince({ [ann]: '3' }, { [ann]: '1' }), [ann])
    assert.deepEqual(editedSince({ [ann]: '' }, undefined), [ann])
  })

  test('is never somebody who came past Flotilla', () => {
    assert.deepEqual(editorsOf(object('kubectl')), {})
  })
})

describe('who wrote it under our field manager, but past us', () => {
  const wrote = (time: string, editors: Record<string, string>): KubeObject => {
    const { metadata, ...rest } = object(ann, editors)
    const managedFields = [{ manager: 'flotilla-person', time, fieldsV1: { 'f:spec': { 'f:components': {} } } }]
    return { ...rest, metadata: { ...metadata, managedFields } }
  }
  test('is an editor all the same, from when the API server says that it was written', () => {
    const noted = { [ann]: '2026-11-01T10:00:00.000Z' }
    assert.deepEqual(editorsOf(wrote('2026-11-01T10:00:00Z', noted)), noted)
    assert.deepEqual(editorsOf(wrote('2026-11-02T10:00:00Z', noted)), { [ann]: '2026-11-02T10:00:00.000Z' })
    assert.deepEqual(editorsOf(wrote('2026-11-02T10:00:00Z', {})), { [ann]: '2026-11-02T10:00:00.000Z' })
  })
})

describe('an edit', () => {
  const given = (spec: object) => object(undefined, undefined, spec)
  test('is what a release would contain, and neither a pause nor how often it is looked at', () => {
    assert.equal(isEdit(given({}), given({ paused: true, pollSeconds: 60 })), false)
    assert.equal(isEdit(given({}), given({ placement: { clusters: { names: ['east'] } } })), true)
  })
})
