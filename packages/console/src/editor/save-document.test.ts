import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model/errors'
import { saveDocument } from './save-document.ts'

const base = {
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Application',
  metadata: { name: 'shop' },
  spec: { paused: false },
}
const text = `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  paused: true # tonight
`

/** A server that answers each write with the next prepared thing. */
function server(answers: unknown[], live: object = base) {
  const sent: { documents: string; mode?: string; resourceVersion?: string }[] = []
  const api = {
    documents: {
      apply: async ({ body }: { body: { documents: string; mode?: string; resourceVersion?: string } }) => {
        sent.push(body)
        const answer = answers.shift()
        if (answer instanceof Error) throw answer
        return { items: [answer], failed: 0 }
      },
    },
    applications: {
      get: async () => ({
        application: { ...live, metadata: { name: 'shop', uid: 'u', resourceVersion: '8' }, status: { revision: 3 } },
      }),
    },
  }
  return { api: api as never, sent }
}
const saved = { ref: { name: 'shop' }, outcome: 'changed' }
const draft = { text, base, resourceVersion: '7' }

describe('saving what was edited', () => {
  test('writes only over the version that was read', async () => {
    const { api, sent } = server([saved])
    assert.deepEqual(await saveDocument(api, 'shop', draft), { type: 'saved', name: 'shop', outcome: 'changed' })
    assert.equal(sent[0]?.mode, 'replace')
    assert.equal(sent[0]?.resourceVersion, '7')
    assert.equal(sent[0]?.documents, text)
  })
  test('creates a new one, and never over an old one', async () => {
    const { api, sent } = server([{ ...saved, outcome: 'created' }])
    await saveDocument(api, 'shop', { ...draft, resourceVersion: undefined, base: undefined })
    assert.equal(sent[0]?.mode, 'create')
    assert.doesNotMatch(sent[0]?.documents ?? '', /resourceVersion/)
  })
  test('puts both changes together when somebody wrote meanwhile, and keeps the comments', async () => {
    const conflict = new FlotillaError('kube.conflict', { message: 'changed' })
    const { api } = server([conflict], { ...base, spec: { paused: false, maxConcurrency: 2 } })
    const outcome = await saveDocument(api, 'shop', draft)
    assert.equal(outcome.type, 'merged')
    if (outcome.type !== 'merged') return
    assert.deepEqual(outcome.conflicts, [])
    assert.equal(outcome.draft.resourceVersion, '8')
    assert.match(outcome.draft.text, /paused: true # tonight/)
    assert.match(outcome.draft.text, /maxConcurrency: 2/)
    assert.doesNotMatch(outcome.draft.text, /status|uid/)
  })
  test('tells a refusal of one document with its field', async () => {
    const error = { code: 'kube.invalid', message: 'no', field: 'spec.components' }
    const { api } = server([{ ref: { name: 'shop' }, outcome: 'failed', error }])
    await assert.rejects(saveDocument(api, 'shop', draft), { code: 'kube.invalid', field: 'spec.components' })
  })
})
