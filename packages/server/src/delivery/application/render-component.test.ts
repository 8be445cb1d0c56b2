import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RenderedSet } from '@flotilla/render'
import { createStoredSets } from '../stored-sets.ts'
import { renderAndStore, type RenderDeps } from './render-component.ts'
import type { RenderJob } from './render-job.ts'
import { createMemoryBlobs } from './testing/memory-blobs.ts'

/** A stand-in for the renderer: a chart with one Secret that has a drawn password. */
function chart(drawn: () => string, image: () => string) {
  const rendered = (): RenderedSet => ({
    digest: '',
    objects: [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, data: { password: drawn(), image: image() } },
    ],
    crds: [],
    hooks: [],
    notes: '',
    origins: {},
    findings: [{ code: 'render.unstable', message: '', object: 'Secret web', path: 'data.password' }],
  })
  const sets = createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1))
  const deps = { renderer: { render: async () => rendered() }, sources: { get: async () => ({}) }, fleet: {}, sets }
  return deps as unknown as RenderDeps & { sets: typeof sets }
}

const job = (settledDigest: string | undefined, capabilitiesChanged: boolean): RenderJob =>
  ({
    component: { name: 'web' },
    target: { cluster: 'east', namespace: 'shop' },
    projectUid: 'u',
    source: { digest: 'sha256:1' },
    kind: 'manifests',
    layers: { patches: [] },
    values: {},
    images: {},
    secrets: [],
    capabilities: { digest: 'c', capabilities: { kubeVersion: 'v1.34.0', apiVersions: [], clusterScoped: [] } },
    inputs: { inputs: 'i', capabilities: 'c', upgrade: false, revision: 1 },
    settledDigest,
    capabilitiesChanged,
  }) as unknown as RenderJob

describe('a chart that draws a password', () => {
  test('is not drawn anew because the cluster got another definition', async () => {
    let number = 0
    let image = 'a'
    const deps = chart(
      () => String(++number),
      () => image,
    )
    const { signal } = new AbortController()
    const first = await renderAndStore(deps, job(undefined, false), signal)
    assert.equal(first.ofTarget, true)
    const again = await renderAndStore(deps, job(first.rendered.digest, true), signal)
    assert.equal(again.rendered.digest, first.rendered.digest)
    image = 'b'
    const changed = await renderAndStore(deps, job(first.rendered.digest, true), signal)
    assert.notEqual(changed.rendered.digest, first.rendered.digest)
  })
})
