import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { FlotillaError, refKey, refOf, type KubeObject } from '@flotilla/model'
import { parseDocuments } from '../yaml/parse-documents.ts'
import {
  chartFolder,
  helmTemplate,
  openTestRenderer,
  type OracleCase,
  oracleRequest,
  printAsHelm,
  requestOf,
  type TestRenderer,
  uploadChart,
} from '../testing/charts.ts'

const cases: readonly (OracleCase & { readonly chart: string; readonly title: string })[] = [
  { chart: 'subcharts', title: 'defaults' },
  { chart: 'subcharts', title: 'an alias by a global condition', values: { global: { sessions: true } } },
  {
    chart: 'subcharts',
    title: 'a tag off, a condition off',
    values: { tags: { storage: false }, cache: { enabled: false } },
  },
  {
    chart: 'subcharts',
    title: 'overridden values of a subchart',
    values: { cache: { size: 1, policy: null }, replicas: 0 },
  },
  { chart: 'hooks', title: 'weights, policies, several events, tests, an unknown event' },
  { chart: 'hooks', title: 'an upgrade', upgrade: true },
  { chart: 'hooks', title: 'nothing but objects', values: { migrate: false } },
  { chart: 'crds', title: 'definitions apart from templates' },
  { chart: 'schema', title: 'values that fit' },
  { chart: 'schema', title: 'other values that fit', values: { replicas: 10, mode: 'large', sub: { port: 1 } } },
  { chart: 'library', title: 'templates of a library chart' },
  { chart: 'lookup', title: 'lookups that find nothing' },
  { chart: 'files', title: 'files, tpl, notes, ignored files' },
  {
    chart: 'files',
    title: 'values that are templates',
    values: { greeting: '{{ .Chart.Name }} {{ .Values.nested | len }}' },
  },
  { chart: 'capabilities', title: 'Helm’s own list of APIs' },
  {
    chart: 'capabilities',
    title: 'another version and more APIs',
    kubeVersion: 'v1.29.4-gke.1',
    apiVersions: ['example.test/v1/Lamp', 'example.test/v1'],
  },
  { chart: 'capabilities', title: 'an upgrade', upgrade: true, values: { a: { b: [1, 2.5, true, null, 'x'] } } },
  { chart: 'odd', title: 'lists, empty documents, CRLF, doubled keys, YAML 1.1' },
  {
    chart: 'odd',
    title: 'a null that deletes a default',
    values: { deleted: { drop: null }, list: null, big: 123456789, text: '0x1f' },
  },
]

describe('rendering is what `helm template` does', () => {
  let renderer: TestRenderer
  before(async () => {
    renderer = await openTestRenderer()
  })
  after(() => renderer.close())

  for (const oracle of cases) {
    test(`${oracle.chart}: ${oracle.title}`, async () => {
      const folder = chartFolder(oracle.chart)
      const expected = await helmTemplate(folder, oracle)
      const set = await renderer.render(oracleRequest(await uploadChart(renderer, folder), oracle))
      assert.equal(printAsHelm(set), expected)
      assert.deepEqual(byKey([...set.objects, ...set.hooks.map((hook) => hook.object)]), byKey(parseOutput(expected)))
    })
  }

  test('crds: the definitions are those that --include-crds prints', async () => {
    const folder = chartFolder('crds')
    const printed = parseOutput(await helmTemplate(folder, {}, '--include-crds'))
    const set = await renderer.render(oracleRequest(await uploadChart(renderer, folder)))
    assert.deepEqual(byKey([...set.crds, ...set.objects]), byKey(printed))
    assert.deepEqual(set.crds.map((crd) => crd.metadata.name).sort(), [
      'bracess.example.test',
      'bulbs.example.test',
      'inners.example.test',
      'lamps.example.test',
    ])
  })

  for (const { title, chart, values, code, field } of [
    {
      title: 'a value against the schema',
      chart: 'schema',
      values: { replicas: 11 },
      code: 'render.schema',
      field: 'values',
    },
    {
      title: 'a value against a subchart’s schema',
      chart: 'schema',
      values: { sub: { port: 70_000 } },
      code: 'render.schema',
      field: 'values',
    },
    {
      title: 'a template that cannot run',
      chart: 'subcharts',
      values: { global: { labels: 'text' } },
      code: undefined,
      field: undefined,
    },
  ] as const) {
    test(`refuses where helm refuses: ${title}`, async () => {
      const folder = chartFolder(chart)
      const source = await uploadChart(renderer, folder)
      const theirs = await helmTemplate(folder, { values }).then(
        () => 'accepted',
        () => 'refused',
      )
      const ours = await renderer.render(oracleRequest(source, { values })).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      assert.equal(ours === undefined ? 'accepted' : 'refused', theirs)
      if (code !== undefined) {
        assert.ok(ours instanceof FlotillaError)
        assert.equal(ours.code, code)
        assert.equal(ours.field, field)
      }
    })
  }

  test('an upgrade has the revision that Helm would count to', async () => {
    const source = await uploadChart(renderer, chartFolder('hooks'))
    const release = { name: 'demo', namespace: 'shop', upgrade: true, revision: 7 }
    const set = await renderer.render(requestOf(source, { release }))
    assert.deepEqual(
      set.objects.map((object) => object['data']),
      [{ revision: '7' }],
    )
  })

  test('by default only the APIs of the target count', async () => {
    const source = await uploadChart(renderer, chartFolder('capabilities'))
    const set = await renderer.render(requestOf(source))
    const data = set.objects[0]?.['data'] as Record<string, string>
    assert.equal(data['policy'], 'false')
  })
})

function parseOutput(text: string): KubeObject[] {
  const documents = parseDocuments(
    Buffer.from(text.replaceAll('  a: "1"\n  a: "2"\n', '  a: "2"\n')),
    'helm',
  ) as KubeObject[]
  return documents.flatMap((document) => (document.kind === 'List' ? (document['items'] as KubeObject[]) : [document]))
}

function byKey(objects: readonly KubeObject[]): Record<string, unknown> {
  return Object.fromEntries(objects.map((object) => [refKey(refOf(object)), object]))
}
