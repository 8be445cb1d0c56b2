import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FrozenDocument, FrozenTarget, KubeObject, Release } from '@flotilla/model'
import { findAuthors } from './find-authors.ts'

const [alice, bob, zoe] = ['flotilla:user:alice', 'flotilla:user:bob', 'flotilla:user:zoe']
const day = (number: number): string => `2026-01-0${number}T00:00:00Z`

const release = (name: string, number: number, authors: string[]) =>
  ({
    metadata: { name, namespace: 'pj-shop' },
    spec: { application: 'web', authors },
    status: { phase: 'Active', frozen: { at: day(number), authors, document: name } },
  }) as unknown as Release
const documents: Record<string, Pick<FrozenDocument, 'at' | 'editors'>> = {
  'web-0': { at: day(1), editors: { [zoe]: day(1) } },
  'web-1': { at: day(3), editors: { [zoe]: day(1), [alice]: day(2) } },
}
const live = {
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Application',
  metadata: {
    name: 'web',
    namespace: 'pj-shop',
    managedFields: [{ manager: 'kubectl-edit', time: day(2), fieldsV1: { 'f:spec': {} } }],
  },
  spec: { components: [{ name: 'web', manifests: { inline: 'kind: ConfigMap' } }] },
  status: { editors: { [zoe]: day(1), [alice]: day(2) } },
} as unknown as KubeObject

const find = (releases: Release[], had: (string | undefined)[]) =>
  findAuthors(
    {
      shared: { state: { releases: { list: () => releases, unreadable: new Map() } } },
      documents: { releases: { get: async (digest: string) => documents[digest] } },
    } as unknown as Parameters<typeof findAuthors>[0],
    {
      release: release('web-2', 4, [bob]),
      live,
      targets: had.map((name) => ({ baseline: { release: name } })) as unknown as FrozenTarget[],
    },
  )

test('an edit that went to staging only is still of its author for production', async () => {
  const releases = [release('web-0', 1, [zoe]), release('web-1', 3, [bob])]
  assert.deepEqual(await find(releases, ['web-0', 'web-1']), { authors: [bob, alice], outside: ['kubectl-edit'] })
  assert.deepEqual(await find(releases, ['web-1', 'web-1']), { authors: [bob], outside: [] })
})

test('whoever ever edited is an author where a target has nothing, or what it has is no longer stored', async () => {
  const gone = { ...release('web-0', 1, [zoe]), status: { frozen: { at: day(1), authors: [zoe], document: 'lost' } } }
  for (const [releases, had] of [
    [[release('web-1', 3, [bob])], ['web-1', undefined]],
    [[gone as unknown as Release], ['web-0']],
  ] as const)
    assert.deepEqual(await find([...releases], [...had]), { authors: [bob, alice, zoe], outside: ['kubectl-edit'] })
})
