import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApiClient, KubeObjectShape } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'
import { editObject, replaceObject } from './edit-object.ts'

type Spec = Record<string, unknown>
const objectOf = (spec: Spec, resourceVersion: string): KubeObjectShape => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'User',
  metadata: { name: 'dora', resourceVersion },
  spec,
})

/** Stands for the server: keeps one object and refuses what was made of another version; `meanwhile` is written before each of the first tries. */
function standIn(spec: Spec, meanwhile: readonly Spec[] = []) {
  let [version, kept] = [1, spec]
  const others = [...meanwhile]
  const api = {
    kinds: { get: () => Promise.resolve({ ...objectOf(kept, String(version)), status: { conditions: [] } }) },
    documents: {
      apply: ({ body }: { body: { documents: string; resourceVersion: string } }) => {
        const other = others.shift()
        if (other !== undefined) {
          kept = other
          version++
        }
        const ref = { name: 'dora' }
        if (body.resourceVersion !== String(version))
          return Promise.resolve({
            items: [{ ref, outcome: 'failed', error: { code: 'kube.conflict', message: 'no' } }],
          })
        const written = JSON.parse(body.documents) as { spec: Spec }
        assert.ok(!('status' in written), 'a status is nothing to write')
        kept = written.spec
        return Promise.resolve({ items: [{ ref, outcome: 'changed' }] })
      },
    },
  }
  // only what is called is there
  return { api: api as unknown as Pick<ApiClient, 'documents' | 'kinds'>, spec: () => kept }
}
const disable = (object: KubeObjectShape): KubeObjectShape => ({
  ...object,
  spec: Object.assign({}, object['spec'], { disabled: true }),
})
const place = { kind: 'User', name: 'dora' }

describe('changing an object (a stand-in for the server)', () => {
  test('writes what was changed and keeps the rest', async () => {
    const server = standIn({ displayName: 'Dora', later: [1] })
    await editObject(server.api, place, disable)
    assert.deepEqual(server.spec(), { displayName: 'Dora', later: [1], disabled: true })
  })
  test('keeps what somebody else wrote meanwhile', async () => {
    const server = standIn({ displayName: 'Dora' }, [
      { displayName: 'Dora M.' },
      { displayName: 'Dora Müller', email: 'd@x' },
    ])
    await editObject(server.api, place, disable)
    assert.deepEqual(server.spec(), { displayName: 'Dora Müller', email: 'd@x', disabled: true })
  })
  test('names the field that both changed, and writes nothing', async () => {
    const server = standIn({ displayName: 'Dora' }, [{ displayName: 'Dora M.' }])
    const rename = (object: KubeObjectShape): KubeObjectShape => ({ ...object, spec: { displayName: 'D.' } })
    await assert.rejects(
      replaceObject(server.api, place, objectOf({ displayName: 'Dora' }, '1'), rename),
      (error) =>
        error instanceof FlotillaError && error.code === 'request.conflict' && error.field === 'spec.displayName',
    )
    assert.deepEqual(server.spec(), { displayName: 'Dora M.' })
  })
  test('gives up when others write without an end', async () => {
    const server = standIn(
      { n: 0 },
      Array.from({ length: 20 }, (_, n) => ({ n: n + 1 })),
    )
    await assert.rejects(
      editObject(server.api, place, disable),
      (error) => error instanceof FlotillaError && error.code === 'kube.conflict',
    )
  })
})
