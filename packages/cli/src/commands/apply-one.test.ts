import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApiClient } from '@flotilla/api'
import { applyOne } from './apply-one.ts'

describe('one object that is written (a stand-in for the server)', () => {
  const write = (items: readonly object[]) => {
    const fetch = () => Promise.resolve(Response.json({ items, failed: 0 }))
    const object = { kind: 'User', metadata: { name: 'dora' }, spec: {} }
    const { signal } = new AbortController()
    return applyOne({ signal }, createApiClient({ baseUrl: 'http://x', fetch }), { mode: 'apply', object })
  }

  test('is what the server says', async () => {
    for (const outcome of ['created', 'changed', 'unchanged']) assert.equal(await write([{ outcome }]), outcome)
    await assert.rejects(write([{ outcome: 'failed', error: { code: 'kube.forbidden', message: 'no' } }]), {
      code: 'kube.forbidden',
      message: 'no',
    })
  })

  test('is a failure, not unchanged, where the server says nothing of it', async () => {
    await assert.rejects(write([]), { code: 'internal' })
    await assert.rejects(write([{ outcome: 'failed' }]), { code: 'internal' })
  })
})
