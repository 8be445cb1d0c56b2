import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { packArchive } from '../archive/pack-archive.ts'
import { filesOf, openTestRenderer, requestOf, type TestRenderer } from '../testing/charts.ts'
import { refusal } from '../testing/refusal.ts'
import type { JsonObject, RenderedSet, ResolvedSource } from '../types.ts'

const namesOf = (set: RenderedSet): string[] => set.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)

describe('kustomize', () => {
  let renderer: TestRenderer
  before(async () => {
    renderer = await openTestRenderer()
  })
  after(() => renderer.close())

  const inline = (text: string): Promise<ResolvedSource> => renderer.resolveSource({ manifests: { inline: text } })

  const build = async (texts: Record<string, string>, path = ''): Promise<RenderedSet> => {
    const digest = renderer.upload(await packArchive(filesOf(texts), 'k'))
    return renderer.render(requestOf(await renderer.resolveSource({ kustomize: { upload: { digest }, path } })))
  }
  const deployment =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, image: "web:1"}], initContainers: [{name: b, image: "host:5000/web:1"}]}}}\n'

  test('bases, patches and generators, in install order', async () => {
    const set = await build(
      {
        'base/kustomization.yaml': 'resources: [web.yaml]\nconfigMapGenerator: [{name: conf, literals: [a=b]}]\n',
        'base/web.yaml': `${deployment}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n`,
        'prod/kustomization.yml':
          'resources: [../base]\nnamePrefix: prod-\npatches: [{patch: "- op: add\\n  path: /spec/replicas\\n  value: 3", target: {kind: Deployment}}]\n',
      },
      'prod',
    )
    assert.deepEqual(
      namesOf(set).map((name) => name.replace(/-[a-z0-9]{10}$/, '')),
      ['Namespace shop', 'ConfigMap prod-conf', 'Deployment prod-web'],
    )
    assert.equal((set.objects[2]?.['spec'] as JsonObject | undefined)?.['replicas'], 3)
  })

  test('our images do what those of a kustomization do', async () => {
    const reference = fc.record({ newTag: fc.constantFrom('2', 'x.y-1') }, { noNullPrototype: true })
    const other = fc.constantFrom(
      { digest: `sha256:${'c'.repeat(64)}` },
      { newName: 'shop/new' },
      { newName: 'shop/new', newTag: '3' },
    )
    const image = fc.constantFrom(
      'web',
      'web:1',
      `web@sha256:${'d'.repeat(64)}`,
      `web:1@sha256:${'d'.repeat(64)}`,
      'host:5000/web:1',
      'webs:1',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(reference, other),
        image,
        async (change: { newName?: string; newTag?: string; digest?: string }, start) => {
          const text = deployment.replace('web:1', start)
          const images = JSON.stringify([{ name: 'web', ...change }])
          const theirs = await build({
            'kustomization.yaml': `resources: [a.yaml]\nimages: ${images}\n`,
            'a.yaml': text,
          })
          const wanted = `${change.newName ?? ''}${change.newTag === undefined ? '' : `:${change.newTag}`}${change.digest === undefined ? '' : `@${change.digest}`}`
          const ours = await renderer.render(requestOf(await inline(text), { images: { web: wanted } }))
          assert.deepEqual(ours.objects, theirs.objects)
        },
      ),
      { numRuns: 40 },
    )
  })

  for (const [title, kustomization, field] of [
    ['a remote base', 'resources: ["https://example.test/base?ref=v1"]', 'resources[0]'],
    ['a remote base in short', 'resources: [a.yaml, "github.com/example/base//deploy?ref=v1"]', 'resources[1]'],
    ['a remote component', 'components: ["git@example.test:x.git"]', 'components[0]'],
    ['a base outside', 'resources: [../../etc]', 'resources[0]'],
    ['a chart', 'helmCharts: [{name: x, repo: "https://example.test"}]', 'helmCharts'],
    [
      'a program',
      'transformers: ["apiVersion: v1\\nkind: X\\nmetadata: {name: x, annotations: {config.kubernetes.io/function: \\"exec: {path: /bin/sh}\\"}}\\n"]',
      'transformers[0]',
    ],
    ['a remote transformer', 'transformers: ["https://example.test/t.yaml"]', 'transformers[0]'],
  ] as const) {
    test(`refuses ${title} by name`, async () => {
      const error = await refusal(build({ 'kustomization.yaml': kustomization, 'a.yaml': deployment }))
      assert.equal(error.code, 'source.refused')
      assert.equal(error.field, `kustomization.yaml:${field}`)
    })
  }

  test('a plugin in a file, a file outside and nothing at all fail and run nothing', async () => {
    const plugin =
      'apiVersion: someteam.example.com/v1\nkind: Exec\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "exec: {path: ./run.sh}"}}\n'
    for (const texts of [
      { 'kustomization.yaml': 'generators: [p.yaml]', 'p.yaml': plugin },
      { 'kustomization.yaml': 'configMapGenerator: [{name: a, files: [/etc/passwd]}]' },
      { 'kustomization.yaml': 'configMapGenerator: [{name: a, files: [../../../etc/passwd]}]' },
      { 'kustomization.yaml': 'openapi: {path: "https://example.test/schema.json"}', 'a.yaml': deployment },
      { 'a.yaml': deployment },
    ] as Record<string, string>[]) {
      const error = await refusal(build(texts))
      assert.ok(['render.failed', 'source.refused'].includes(error.code), error.code)
    }
  })
})

describe('plain manifests', () => {
  let renderer: TestRenderer
  before(async () => {
    renderer = await openTestRenderer()
  })
  after(() => renderer.close())

  const inline = (text: string): Promise<ResolvedSource> => renderer.resolveSource({ manifests: { inline: text } })

  test('lists are flattened, empty documents left out, all in install order', async () => {
    const set = await renderer.render(
      requestOf(
        await inline(
          '---\n# nothing\n---\napiVersion: v1\nkind: List\nitems: [{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}, {apiVersion: v1, kind: Namespace, metadata: {name: shop}}]\n',
        ),
      ),
    )
    assert.deepEqual(namesOf(set), ['Namespace shop', 'Deployment b'])
    assert.equal(set.helmRelease, undefined)
  })

  for (const [title, text, line] of [
    [
      'a key twice',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  name: c\n',
      9,
    ],
    ['broken YAML in the second document', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\na: b: c\n', 5],
    [
      'a bomb',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${'abcdefghi'
        .split('')
        .map(
          (name, i) =>
            `${name}: &${name} [${Array(9)
              .fill(i === 0 ? 'x' : `*${'abcdefghi'[i - 1]}`)
              .join(',')}]`,
        )
        .join('\n')}\n`,
      undefined,
    ],
    ['no object', 'just text\n', undefined],
    ['wrong UTF-8', undefined, undefined],
  ] as const) {
    test(`refuses ${title} with input.yaml`, async () => {
      const bytes = text === undefined ? Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]) : Buffer.from(text)
      const digest = renderer.upload(bytes)
      const source = await renderer.resolveSource({ manifests: { upload: { digest } } })
      const error = await refusal(renderer.render(requestOf(source)))
      assert.equal(error.code, 'input.yaml')
      if (line !== undefined) assert.match(error.message, new RegExp(`line ${line}\\b`))
    })
  }

  test('__proto__ stays a key like any other and pollutes nothing', async () => {
    const set = await renderer.render(
      requestOf(
        await inline('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {__proto__: {polluted: "1"}}\n'),
        { images: { a: ':1' } },
      ),
    )
    assert.equal(JSON.stringify(set.objects).includes('__proto__'), true)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
})
