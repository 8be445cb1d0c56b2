import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Component, FlotillaError, type KubeObject } from '@flotilla/model'
import { type KubeClient, systemClock } from '@flotilla/kube'
import { SecretReader } from './values-from.ts'

const signal = new AbortController().signal

/** A stand-in for the host with these Secrets, by name and key. */
function reader(secrets: Record<string, Record<string, string>>) {
  let reads = 0
  const find = (key: { name: string }): Promise<KubeObject | undefined> => {
    reads++
    const content = secrets[key.name]
    if (content === undefined) return Promise.resolve(undefined)
    const data = Object.fromEntries(Object.entries(content).map(([k, v]) => [k, Buffer.from(v).toString('base64')]))
    return Promise.resolve({ apiVersion: 'v1', kind: 'Secret', metadata: { name: key.name }, data })
  }
  return { secrets: new SecretReader({ find } as unknown as KubeClient, systemClock), reads: () => reads }
}

const component = (...valuesFrom: Record<string, unknown>[]) =>
  Component.parse({ name: 'web', helm: { chart: { oci: { url: 'oci://x/y', version: '1' } } }, valuesFrom })
const read = (secrets: Record<string, Record<string, string>>, ...from: Record<string, unknown>[]) =>
  reader(secrets).secrets.read('pj-shop', component(...from), 0, signal)

describe('values from Secrets', () => {
  test('come in their order, with a gap for an optional one that is not there', async () => {
    const { values, secrets } = await read(
      { a: { 'values.yaml': 'db:\n  password: hunter2\n  port: 5432\n' }, b: { x: '{"tls": {"key": "long-key"}}' } },
      { secretName: 'a' },
      { secretName: 'gone', optional: true },
      { secretName: 'b', key: 'x' },
    )
    assert.deepEqual(values, [{ db: { password: 'hunter2', port: 5432 } }, undefined, { tls: { key: 'long-key' } }])
    assert.deepEqual(secrets, ['hunter2', 'long-key'])
  })

  test('an empty Secret has no values', async () => {
    assert.deepEqual((await read({ a: { 'values.yaml': '' } }, { secretName: 'a' })).values, [{}])
  })

  const wrong: [string, Record<string, Record<string, string>>, string][] = [
    ['a Secret that is missing', {}, 'input.invalid'],
    ['a key that is missing', { a: { other: 'x: y' } }, 'input.invalid'],
    ['no YAML', { a: { 'values.yaml': 'hunter2: [hunter2' } }, 'input.yaml'],
    ['a password that reads like an alias', { a: { 'values.yaml': 'password: *hunter2' } }, 'input.yaml'],
    ['a key twice', { a: { 'values.yaml': 'a: hunter2\na: hunter2\n' } }, 'input.yaml'],
    ['no map', { a: { 'values.yaml': '- hunter2\n' } }, 'input.invalid'],
    [
      'a bomb of aliases',
      {
        a: {
          'values.yaml': [
            'a: &a [hunter2, hunter2, hunter2, hunter2, hunter2, hunter2, hunter2, hunter2, hunter2]',
            ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, at) => {
              const below = String.fromCharCode(97 + at)
              return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${below}`).join(', ')}]`
            }),
          ].join('\n'),
        },
      },
      'input.yaml',
    ],
  ]
  for (const [what, secrets, code] of wrong) {
    test(`${what} is refused with its field, and without what it holds`, async () => {
      await assert.rejects(read(secrets, { secretName: 'a' }), (thrown) => {
        assert.ok(thrown instanceof FlotillaError)
        assert.deepEqual([thrown.code, thrown.field], [code, 'spec.components[0].valuesFrom[0]'])
        assert.ok(!JSON.stringify(thrown).includes('hunter2'))
        return true
      })
    })
  }

  test('a Secret is read once for many components, and again when it changed', async () => {
    const { secrets, reads } = reader({ a: { 'values.yaml': 'x: 1' } })
    const from = component({ secretName: 'a' })
    await Promise.all([secrets.read('pj-shop', from, 0, signal), secrets.read('pj-shop', from, 1, signal)])
    assert.equal(reads(), 1)
    secrets.forget('pj-shop/a')
    await secrets.read('pj-shop', from, 0, signal)
    assert.equal(reads(), 2)
  })
})
