import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application, FrozenDocument, Release, WantedSet } from '@flotilla/model'
import type { ReleaseDeps } from './deps.ts'
import { createReleaseAnswers } from './release-answers.ts'
import type { ReleaseServices } from './release-services.ts'

const want = (tag: string): WantedSet => ({
  digest: tag,
  components: [
    { name: 'web', digest: tag, images: [`x.example/shop/web:${tag}`], ownOverrides: 0, hookTimeoutSeconds: 300 },
  ],
})
/** East gets another image; west has it already, by an override of its own. */
const targets = [
  { cluster: 'east', namespace: 'shop', ...want('2'), baseline: want('1') },
  { cluster: 'west', namespace: 'shop', ...want('2'), baseline: want('2') },
] as unknown as FrozenDocument['targets']
const release = {
  metadata: { name: 'web-2', namespace: 'pj-shop' },
  spec: { application: 'web' },
  status: { frozen: { document: 'd', digest: 'd' } },
} as unknown as Release

const answers = createReleaseAnswers(
  {
    documents: { releases: { get: async () => ({ targets }) } },
    shared: { state: { applications: { get: () => ({}) as Application } } },
  } as unknown as ReleaseDeps,
  {
    difference: async () => ({ items: [], truncated: false, targets: [], findings: [] }),
  } as unknown as ReleaseServices,
)
const { signal } = new AbortController()
const imagesIn = async (clusters: string[] | undefined) => {
  const asked = { release, against: undefined, clusters, namespace: undefined, components: undefined, signal }
  const { components } = await answers.difference(asked)
  return components.flatMap(({ images }) => images.map(({ before, after }) => [before, after]))
}

test('versions and images before and after are those of the targets that are asked for', async () => {
  const [old, next] = ['x.example/shop/web:1', 'x.example/shop/web:2']
  assert.deepEqual(await imagesIn(['east']), [[old, next]])
  assert.deepEqual(await imagesIn(['west']), [])
  assert.deepEqual(await imagesIn(undefined), [[`${old}, ${next}`, next]])
})
