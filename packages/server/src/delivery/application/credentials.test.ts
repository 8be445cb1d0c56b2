import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { apiVersion, Credential, FlotillaError, type KubeObject } from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import { loadCredential } from './credentials.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A stand-in for the host that holds one Secret and counts who asks for it. */
function ask(secret: Record<string, string> | undefined, sourceHost: string | undefined, name = 'git') {
  const credential = Credential.parse({
    apiVersion,
    kind: 'Credential',
    metadata: { name: 'git', namespace: 'pj-shop' },
    spec: { type: 'Git', host: 'Git.example', secretName: 'git-secret' },
  })
  let reads = 0
  const data =
    secret === undefined ? undefined : Object.fromEntries(Object.entries(secret).map(([k, v]) => [k, base64(v)]))
  const found: KubeObject | undefined =
    data === undefined ? undefined : { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'git-secret' }, data }
  const find: KubeClient['find'] = <T extends KubeObject>() => {
    reads++
    return Promise.resolve(found as T | undefined)
  }
  const answer = loadCredential({
    credentials: {
      get: (_namespace, wanted) => (wanted === 'git' ? credential : undefined),
      list: () => [credential],
      onChange: () => () => undefined,
      unreadable: new Map(),
    },
    host: { find } as KubeClient,
    namespace: 'pj-shop',
    name,
    sourceHost,
    field: 'spec.components[0].credentialName',
    signal: new AbortController().signal,
  })
  return { answer, reads: () => reads }
}

const refuses = (code: string) => (thrown: unknown) =>
  thrown instanceof FlotillaError && thrown.code === code && thrown.field === 'spec.components[0].credentialName'

describe('credentials of sources', () => {
  test('are given out for their host', async () => {
    const { answer } = ask({ username: 'u', password: 'p' }, 'git.example')
    assert.deepEqual(await answer, { auth: { type: 'basic', username: 'u', password: 'p' }, ca: undefined })
    const token = ask({ token: 't', 'ca.crt': 'PEM' }, 'git.example')
    assert.deepEqual(await token.answer, { auth: { type: 'bearer', token: 't' }, ca: 'PEM' })
  })

  test('are not even read for another host, port or scheme without one', async () => {
    for (const host of ['evil.example', 'git.example.evil', 'git.example:8443', undefined]) {
      const { answer, reads } = ask({ token: 't' }, host)
      await assert.rejects(answer, refuses('source.refused'))
      assert.equal(reads(), 0)
    }
  })

  test('that are missing or empty say so, and nothing of what they hold', async () => {
    await assert.rejects(ask({ token: 't' }, 'git.example', 'other').answer, refuses('source.unauthorized'))
    await assert.rejects(ask(undefined, 'git.example').answer, refuses('source.unauthorized'))
    await assert.rejects(
      ask({ password: 'hunter2' }, 'git.example').answer,
      (thrown) => refuses('source.unauthorized')(thrown) && !JSON.stringify(thrown).includes('hunter2'),
    )
  })
})
