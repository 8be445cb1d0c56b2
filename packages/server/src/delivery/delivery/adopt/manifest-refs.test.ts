import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestTurn } from '@flotilla/render/testing/longest-turn'
import { readManifestRefs } from './manifest-refs.ts'

const read = (manifest: string) => readManifestRefs(manifest, 'shop', new AbortController().signal)

test('the objects of a release are told from its manifest, with a key twice as Helm lets it be', async () => {
  const manifest = `---
# Source: c/templates/a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { replicas: 1, replicas: 2 }
---
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: other }
`
  assert.deepEqual(await read(manifest), [
    { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
    { group: '', version: 'v1', kind: 'Service', namespace: 'other', name: 'web' },
  ])
})

test('a large manifest does not keep the event loop waiting', async () => {
  await read('a: 1\n'.padEnd(5000, '#'))
  const one = (at: number): string =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c${at} }\ndata: { a: b }\n`
  const manifest = Array.from({ length: 3000 }, (_, at) => one(at)).join('')
  let refs = 0
  const longest = await longestTurn(async () => {
    refs = (await read(manifest)).length
  })
  assert.equal(refs, 3000)
  assert.ok(longest < 50, `${longest} ms`)
})
