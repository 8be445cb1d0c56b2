import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { packArchive } from './archive/pack-archive.ts'
import { parseDocuments } from './yaml/parse-documents.ts'
import { installOrder } from './objects/install-order.ts'
import { chartFolder, filesOf, openTestRenderer, requestOf, type TestRenderer, uploadChart } from './testing/charts.ts'
import { longestTurn } from './testing/longest-turn.ts'
import { WorkerPool } from './worker/worker-pool.ts'
import type { WorkerVersion } from './worker/worker-protocol.ts'
import { workerPath } from './testing/parts.ts'
import type { BlobStore, JsonObject, RenderedSet, ResolvedSource } from './types.ts'

async function refusal(promise: Promise<unknown>): Promise<FlotillaError> {
  const thrown = await promise.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof FlotillaError, String(thrown))
  return thrown
}

const namesOf = (set: RenderedSet): string[] => set.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
const codesOf = (set: RenderedSet): string[] => set.findings.map(({ code }) => code)

describe('a renderer', () => {
  let renderer: TestRenderer
  before(async () => {
    renderer = await openTestRenderer()
  })
  after(() => renderer.close())

  const inline = (text: string): Promise<ResolvedSource> => renderer.resolveSource({ manifests: { inline: text } })
  const chartOf = (texts: Record<string, string>): Promise<ResolvedSource> =>
    uploadChart(renderer, filesOf({ 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', ...texts }))

  test('hooks carry events, weight and policies, Helm’s default filled in', async () => {
    const set = await renderer.render(requestOf(await uploadChart(renderer, chartFolder('hooks'))))
    const described = set.hooks.map(({ name, events, weight, deletePolicies, outputLogPolicies }) =>
      [name, events.join(), weight, deletePolicies.join(), outputLogPolicies.join()].join(' | '),
    )
    assert.deepEqual(described.sort(), [
      'demo-after | post-install,post-upgrade,post-rollback | 0 | hook-succeeded,hook-failed | hook-failed,hook-succeeded',
      'demo-clean | pre-delete,post-delete | 0 | before-hook-creation | ',
      'demo-legacy | test | 0 | before-hook-creation | ',
      'demo-migrate | pre-install,pre-upgrade | 5 | before-hook-creation,hook-succeeded | ',
      'demo-secret | pre-install,pre-upgrade | -10 | before-hook-creation | ',
      'demo-smoke | test | 0 | hook-succeeded | ',
    ])
  })

  test('images and patches reach objects and hooks, and what Helm records is what is delivered', async () => {
    const source = await uploadChart(renderer, chartFolder('hooks'))
    const set = await renderer.render(
      requestOf(source, {
        images: { 'registry.example.test/tool': ':2', nowhere: ':1' },
        patches: [
          { target: { kind: 'ConfigMap' }, operations: [{ op: 'add', path: '/data/yes', value: 'on' }] },
          {
            target: { kind: 'Job', name: '*-migrate' },
            operations: [{ op: 'add', path: '/spec/activeDeadlineSeconds', value: 60 }],
          },
          { target: { kind: 'DaemonSet' }, operations: [{ op: 'remove', path: '/spec' }] },
        ],
      }),
    )
    assert.deepEqual(set.objects[0]?.['data'], { revision: '1', yes: 'on' })
    const migrate = set.hooks.find(({ name }) => name === 'demo-migrate')
    assert.match(
      JSON.stringify(migrate?.object),
      /tool:2.*"activeDeadlineSeconds":60|"activeDeadlineSeconds":60.*tool:2/,
    )
    assert.deepEqual(codesOf(set), ['image.unmatched', 'patch.unmatched'])
    assert.deepEqual(parseDocuments(Buffer.from(set.helmRelease?.manifest ?? ''), 'x'), set.objects)
    for (const [index, record] of (set.helmRelease?.hooks ?? []).entries()) {
      assert.deepEqual(parseDocuments(Buffer.from(record.manifest), 'x'), [set.hooks[index]?.object])
    }
  })

  test('what a patched release records is read by Helm’s parser as the objects it was', async () => {
    const value = fc.jsonValue({ maxDepth: 2 }).filter((json) => !JSON.stringify(json).includes('__proto__'))
    const source = await chartOf({ 'templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' })
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          value,
        ),
        async (data) => {
          const patches = [
            { target: { kind: 'ConfigMap' }, operations: [{ op: 'add' as const, path: '/data', value: data }] },
          ]
          const set = await renderer.render(requestOf(source, { patches }))
          const again = await renderer.render(requestOf(await inline(set.helmRelease?.manifest ?? '')))
          assert.deepEqual(again.objects, JSON.parse(JSON.stringify(set.objects)))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('the digest covers content, not how it came about, and needs the key', async () => {
    const source = await uploadChart(renderer, chartFolder('subcharts'))
    const one = await renderer.render(requestOf(source))
    const same = await renderer.render(requestOf(source, { values: { unused: 1 } }))
    const other = await renderer.render(requestOf(source, { values: { replicas: 3 } }))
    assert.equal(one.digest, same.digest)
    assert.notEqual(one.digest, other.digest)
    const stranger = await openTestRenderer({ digestKey: Buffer.alloc(32, 8) })
    assert.notEqual((await stranger.render(requestOf(source))).digest, one.digest)
    await stranger.close()
  })

  for (const [kind, path, object] of [
    ['password', 'stringData.password', 'Secret demo'],
    ['list', 'stringData.list[0]', 'Secret demo'],
    ['day', 'metadata.annotations["example.test/day"]', 'Secret demo'],
    ['name', 'metadata.name', undefined],
  ] as const) {
    test(`a chart with a random ${kind} is found out, by object and path`, async () => {
      const set = await renderer.render(
        requestOf(await uploadChart(renderer, chartFolder('unstable')), { values: { with: kind } }),
      )
      const found = set.findings.filter(({ code }) => code === 'render.unstable')
      assert.equal(found.length, 1)
      assert.equal(found[0]?.path, path)
      if (object !== undefined) assert.equal(found[0]?.object, object)
    })
  }

  test('a stable chart has no finding; one that is deprecated says so', async () => {
    assert.deepEqual(codesOf(await renderer.render(requestOf(await uploadChart(renderer, chartFolder('files'))))), [])
    const old = await uploadChart(
      renderer,
      filesOf({ 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\ndeprecated: true\n' }),
    )
    assert.deepEqual(codesOf(await renderer.render(requestOf(old))), ['chart.deprecated'])
  })

  test('objects and keys that are there twice are found', async () => {
    const twice = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
    const set = await renderer.render(
      requestOf(await chartOf({ 'templates/a.yaml': twice, 'templates/b.yaml': `${twice}data: {a: "1"}\n` })),
    )
    assert.deepEqual(codesOf(set), ['render.duplicate_object'])
    assert.match(set.findings[0]?.message ?? '', /c\/templates\/a\.yaml and c\/templates\/b\.yaml/)
    const odd = await renderer.render(requestOf(await uploadChart(renderer, chartFolder('odd'))))
    assert.deepEqual(codesOf(odd), ['render.duplicate_key'])
  })

  test('secret texts are taken out of errors, however they are spelled', async () => {
    const source = await uploadChart(renderer, chartFolder('schema'))
    const secret = 'hunter2 "quoted" word'
    const error = await refusal(
      renderer.render(requestOf(source, { values: { mode: secret, replicas: secret }, redact: [secret] })),
    )
    assert.equal(error.code, 'render.schema')
    assert.equal(JSON.stringify(error).includes('hunter2'), false)
    const failing = await chartOf({
      'templates/a.yaml': '{{ fail (printf "%s and %s" .Values.p (.Values.p | b64enc)) }}',
    })
    const said = await refusal(renderer.render(requestOf(failing, { values: { p: secret }, redact: [secret] })))
    assert.match(said.message, /••• and •••/)
  })

  for (const [title, texts, code, field] of [
    [
      'a missing dependency',
      { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: gone, version: 1.0.0}]\n' },
      'render.failed',
      'chart',
    ],
    [
      'a library chart',
      { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\ntype: library\n' },
      'render.failed',
      'chart',
    ],
    [
      'a schema that lies elsewhere',
      { 'values.schema.json': '{"properties":{"a":{"$ref":"https://example.test/schema.json"}}}' },
      'render.schema',
      'chart',
    ],
    [
      'a schema in the file system',
      { 'values.schema.json': '{"$ref":"file:///etc/passwd"}' },
      'render.schema',
      'chart',
    ],
    [
      'an object without a kind',
      { 'templates/a.yaml': 'apiVersion: v1\nmetadata: {name: a}\n' },
      'render.failed',
      'c/templates/a.yaml',
    ],
    [
      'an object without a name',
      { 'templates/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n' },
      'render.failed',
      'c/templates/a.yaml',
    ],
    ['a list for an object', { 'templates/a.yaml': '- a\n' }, 'render.failed', undefined],
    [
      'labels that are no map',
      { 'templates/a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: [a]}\n' },
      'render.failed',
      undefined,
    ],
    ['YAML that is none', { 'templates/a.yaml': 'a: [' }, 'render.failed', undefined],
    [
      'a version of Kubernetes it is not for',
      { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\nkubeVersion: ">=1.99"\n' },
      'render.failed',
      undefined,
    ],
  ] as const) {
    test(`refuses ${title}`, async () => {
      const error = await refusal(renderer.render(requestOf(await chartOf(texts))))
      assert.equal(error.code, code)
      if (field !== undefined) assert.equal(error.field, field)
    })
  }

  test('refuses a release name and a revision that Helm would not take', async () => {
    const source = await uploadChart(renderer, chartFolder('files'))
    for (const release of [
      { name: 'Upper', namespace: 'n', upgrade: false, revision: 1 },
      { name: 'x'.repeat(54), namespace: 'n', upgrade: false, revision: 1 },
      { name: 'a', namespace: 'n', upgrade: true, revision: 0 },
    ]) {
      assert.equal((await refusal(renderer.render(requestOf(source, { release })))).code, 'input.invalid')
    }
  })

  test('exactly one source is needed, and uploads are held to their digest', async () => {
    for (const spec of [
      {},
      { kustomize: {} },
      { helm: { chart: {} } },
      { manifests: { inline: 'a: b', upload: { digest: 'x' } } },
    ]) {
      assert.equal((await refusal(renderer.resolveSource(spec))).code, 'input.invalid')
    }
    const missing = { helm: { chart: { upload: { digest: `sha256:${'0'.repeat(64)}` } } } }
    const error = await refusal(renderer.resolveSource(missing))
    assert.equal(error.code, 'source.not_found')
    assert.equal(error.field, 'helm.chart.upload.digest')
    const liar = await openTestRenderer({ readUpload: () => Promise.resolve(Buffer.from('something else')) })
    assert.equal((await refusal(liar.resolveSource(missing))).code, 'source.refused')
    await liar.close()
  })

  test('a chart is described, and its values are computed with those of its subcharts', async () => {
    const source = await uploadChart(renderer, chartFolder('subcharts'))
    const shown = await renderer.showChart(source)
    assert.equal(shown.appVersion, '2.4')
    assert.deepEqual(
      shown.dependencies.map(({ name }) => name),
      ['cache', 'cache', 'db'],
    )
    assert.match(shown.defaultsText, /^replicas: 2/)
    const values = await renderer.computeChartValues(source, { cache: { policy: null, extra: 1 }, replicas: 5 })
    assert.deepEqual(values['cache'], {
      enabled: true,
      size: 64,
      extra: 1,
      global: { domain: 'example.test', labels: { team: 'shop' } },
    })
    assert.equal(values['replicas'], 5)
    assert.deepEqual(
      (await renderer.showChart(await uploadChart(renderer, chartFolder('schema')))).schema?.['required'],
      ['replicas'],
    )
  })

  describe('kustomize', () => {
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

  test('thousands of objects and megabytes do not stall the event loop', { timeout: 120_000 }, async () => {
    const source = await chartOf({
      'templates/a.yaml':
        '{{ range $i := until 3000 }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "c{{ $i }}"}\ndata: {text: {{ repeat 1500 "x" | quote }}}\n{{ end }}',
    })
    let set: RenderedSet | undefined
    const longest = await longestTurn(async () => {
      set = await renderer.render(requestOf(source, { images: { none: ':1' } }))
    })
    assert.equal(set?.objects.length, 3000)
    assert.ok(longest < 100, `${longest} ms`)
  })

  test('the install order is Helm’s own', async () => {
    const pool = new WorkerPool({
      workerPath: await workerPath(),
      maxWorkers: 1,
      timeoutMs: 20_000,
      maxBytes: 1024 * 1024,
    })
    const { installOrder: theirs } = await pool.run<WorkerVersion>({ method: 'version', params: {} })
    assert.deepEqual(installOrder, theirs)
    await pool.close()
  })
})

describe('the cache of rendered sets', () => {
  const memoryStore = (): BlobStore & { readonly blobs: Map<string, Uint8Array> } => {
    const blobs = new Map<string, Uint8Array>()
    return {
      blobs,
      get: (key) => Promise.resolve(blobs.get(key)),
      put: (key, bytes) => {
        blobs.set(key, bytes)
        return Promise.resolve()
      },
    }
  }

  test('the same inputs do not reach the worker again; each input that counts does', async () => {
    const renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('capabilities'))
    const base = requestOf(source)
    const first = await renderer.render(base)
    assert.deepEqual(await renderer.render(structuredClone(base)), first)
    assert.equal(renderer.stats().renders, 1)
    assert.equal(renderer.stats().cacheHits, 1)
    await renderer.render({ ...base, images: { x: ':1' }, patches: [] })
    assert.equal(renderer.stats().renders, 1)
    let expected = 1
    for (const change of [
      { values: { a: 1 } },
      { release: { ...base.release, name: 'other' } },
      { release: { ...base.release, namespace: 'other' } },
      { release: { ...base.release, upgrade: true } },
      { release: { ...base.release, upgrade: true, revision: 2 } },
      { capabilities: { ...base.capabilities, kubeVersion: 'v1.35.0' } },
      { capabilities: { ...base.capabilities, apiVersions: ['policy/v1'] } },
      { capabilities: { ...base.capabilities, mode: 'extend' as const } },
      { source: await uploadChart(renderer, chartFolder('files')) },
      { lookup: () => Promise.resolve(null) },
    ]) {
      await renderer.render({ ...base, ...change })
      assert.equal(renderer.stats().renders, ++expected, JSON.stringify(change))
    }
    await renderer.close()
  })

  test('what a chart looked up belongs to the key', async () => {
    const renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('lookup'))
    const asked: string[] = []
    let secret: KubeObject | null = null
    const render = (): Promise<RenderedSet> =>
      renderer.render(
        requestOf(source, {
          lookup: ({ kind, name, namespace }) => {
            asked.push(`${kind} ${namespace}/${name}`)
            if (kind === 'Node') return Promise.resolve({ items: [{ metadata: { name: 'n1' } }] })
            return Promise.resolve(secret)
          },
        }),
      )
    const key = (set: RenderedSet): unknown =>
      (set.objects.find(({ kind }) => kind === 'Secret')?.['data'] as JsonObject | undefined)?.['key']
    assert.equal(key(await render()), 'Zmlyc3Q=')
    assert.deepEqual(asked, ['Secret shop/session-key', 'Node /'])
    await render()
    assert.equal(renderer.stats().renders, 1)
    secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'session-key' }, data: { key: 'b2xk' } }
    assert.equal(key(await render()), 'b2xk')
    assert.equal(renderer.stats().renders, 2)
    secret = null
    assert.equal(key(await render()), 'Zmlyc3Q=')
    assert.equal(renderer.stats().renders, 2)
    const blind = await renderer.render(requestOf(source))
    assert.deepEqual(codesOf(blind), ['render.lookup_skipped'])
    await renderer.close()
  })

  test('a refused lookup fails with its own error and is not remembered', async () => {
    const renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('lookup'))
    const refused = new FlotillaError('kube.forbidden', { message: 'Secret shop/session-key is outside the project' })
    await assert.rejects(renderer.render(requestOf(source, { lookup: () => Promise.reject(refused) })), refused)
    await renderer.render(requestOf(source, { lookup: () => Promise.resolve(null) }))
    await renderer.close()
  })

  test('a random chart keeps its first result, at the same time and in another process', async () => {
    const blobs = memoryStore()
    const [one, two] = await Promise.all([openTestRenderer({ blobs }), openTestRenderer({ blobs })])
    const source = await uploadChart(one, chartFolder('unstable'))
    const sets = await Promise.all([1, 2, 3, 4].map(() => one.render(requestOf(source))))
    assert.equal(new Set(sets.map(({ digest }) => digest)).size, 1)
    assert.equal(one.stats().renders, 1)
    assert.equal((await two.render(requestOf(source))).digest, sets[0]?.digest)
    assert.equal(two.stats().renders, 0)
    await Promise.all([one.close(), two.close()])
  })

  test('a blob that is damaged counts as missing; keys tell nothing of the values', async () => {
    const blobs = memoryStore()
    const renderer = await openTestRenderer({ blobs, cacheBytes: 0 })
    const source = await uploadChart(renderer, chartFolder('files'))
    const first = await renderer.render(requestOf(source))
    assert.equal((await renderer.render(requestOf(source))).digest, first.digest)
    assert.equal(renderer.stats().renders, 1)
    for (const key of blobs.blobs.keys()) {
      assert.match(key, /^hmac-sha256:[0-9a-f]{64}$/)
      blobs.blobs.set(key, Buffer.from('damaged'))
    }
    assert.equal((await renderer.render(requestOf(source))).digest, first.digest)
    assert.equal(renderer.stats().renders, 2)
    await renderer.close()
  })
})
