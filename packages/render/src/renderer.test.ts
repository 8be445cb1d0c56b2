import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findUnsafeInteger, installOrder } from '@flotilla/model'
import * as fc from 'fast-check'
import { parseDocuments } from './yaml/parse-documents.ts'
import { chartFolder, filesOf, openTestRenderer, requestOf, type TestRenderer, uploadChart } from './testing/charts.ts'
import { longestTurn } from './testing/longest-turn.ts'
import { WorkerPool } from './worker/worker-pool.ts'
import type { WorkerVersion } from './worker/worker-protocol.ts'
import { workerPath } from './testing/parts.ts'
import { refusal } from './testing/refusal.ts'
import type { RenderedSet, ResolvedSource } from './types.ts'

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
    const value = fc
      .jsonValue({ maxDepth: 2 })
      .filter((json) => !JSON.stringify(json).includes('__proto__') && findUnsafeInteger(json) === undefined)
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

  test('a whole number whose digits would change on the way is refused, by its field', async () => {
    const map = (digits: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec: {most: ${digits}}\n`
    const refused = async (text: string, rest?: Parameters<typeof requestOf>[1]): Promise<string> => {
      const source = await chartOf({ 'templates/a.yaml': text })
      const { code, field, value } = await refusal(renderer.render(requestOf(source, rest)))
      return `${code} ${field} ${value}`
    }
    assert.equal(await refused(map('9223372036854775807')), 'render.failed spec.most 9223372036854775807')
    const set = await renderer.render(requestOf(await chartOf({ 'templates/a.yaml': map('9007199254740991') })))
    assert.deepEqual(set.objects[0]?.['spec'], { most: Number.MAX_SAFE_INTEGER })
    assert.equal(
      await refused(map('1'), { values: { db: [{ id: 2 ** 53 }] } }),
      'input.invalid values.db[0].id 9007199254740992',
    )
  })

  test('an object nested without end is refused, whatever digits stand in its texts', async () => {
    const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: ": 1234567890123456789"}\n'
    const source = await chartOf({ 'templates/a.yaml': `${object}x: ${'['.repeat(9000)}${']'.repeat(9000)}\n` })
    assert.equal((await refusal(renderer.render(requestOf(source)))).code, 'render.failed')
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

  test('a hook may leave its name to be generated, as Helm lets it; another object may not', async () => {
    const job = (annotations: string) =>
      `apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: migrate-\n  annotations: ${annotations}\nspec: {}\n`
    const hooks = await chartOf({ 'templates/a.yaml': job('{helm.sh/hook: pre-install}') })
    const patch = {
      target: { kind: 'Job' },
      operations: [{ op: 'add' as const, path: '/spec/backoffLimit', value: 0 }],
    }
    for (const patches of [[], [patch]]) {
      const set = await renderer.render(requestOf(hooks, { patches }))
      assert.deepEqual(
        set.hooks.map(({ object }) => [object.metadata.name, object.metadata.generateName]),
        [['', 'migrate-']],
      )
    }
    const refused = await refusal(renderer.render(requestOf(await chartOf({ 'templates/a.yaml': job('{}') }))))
    assert.match(refused.message, /generated names/)
  })

  test('a chart in which dependencies are missing says which, and what to do', async () => {
    const dependencies = 'dependencies: [{name: redis, version: 1.0.0, repository: "https://charts.example.test"}]\n'
    const lacking = await chartOf({ 'Chart.yaml': `apiVersion: v2\nname: c\nversion: 1.0.0\n${dependencies}` })
    const refused = await refusal(renderer.render(requestOf(lacking)))
    assert.match(refused.message, /redis/)
    assert.match(refused.remedy ?? '', /helm dependency build/)
    assert.match(refused.remedy ?? '', /OCI registry/)
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
