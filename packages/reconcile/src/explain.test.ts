import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { explainObject, explainValue } from './explain.ts'
import type { ComponentLayers } from './layers.ts'
import { coalesceValues } from './merge-values.ts'
import { mergeLayers } from './layers.ts'

const layers: ComponentLayers = {
  values: [
    {
      origin: { kind: 'valuesFrom', secretName: 'db', key: 'values.yaml' },
      values: { db: { password: 'hunter2', host: 'secret-host' } },
    },
    {
      origin: { kind: 'component' },
      values: { replicas: 6, db: { host: 'db' }, web: { image: { tag: '1' } }, hosts: [{ name: 'a' }] },
    },
    { origin: { kind: 'override', override: 'west' }, values: { replicas: 3, hosts: [{ name: 'b' }], web: null } },
  ],
  images: [{ origin: { kind: 'component' }, images: { 'docker.io/web': 'mirror.example/web:2' } }],
  patches: [
    {
      override: 'west',
      required: false,
      index: 0,
      patch: {
        target: { kind: 'Deployment', name: 'web' },
        operations: [{ op: 'replace', path: '/spec/replicas', value: 5 }],
      },
    },
    {
      override: 'west',
      required: false,
      index: 1,
      patch: { target: { kind: 'Secret' }, operations: [{ op: 'add', path: '/data/token', value: 'cGF0Y2hlZA==' }] },
    },
    {
      override: 'east',
      required: false,
      index: 0,
      patch: {
        target: { kind: 'Deployment', name: 'we*' },
        operations: [
          { op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'side', env: [{ name: 'A' }] } },
          { op: 'add', path: '/metadata/annotations/a.b~1c', value: 'yes' },
          { op: 'remove', path: '/spec/paused' },
          { op: 'move', from: '/spec/old', path: '/spec/new' },
        ],
      },
    },
  ],
  ownOverrides: 1,
}
const chartDefaults = { replicas: 1, web: { image: { tag: '0', name: 'web' } }, port: 80 }
const effective = coalesceValues(chartDefaults, mergeLayers(layers))
const ask = (path: string) => explainValue({ path, layers, chartDefaults, effective })

describe('explain a value', () => {
  test('names the winner and what every layer says', () => {
    const { winner, value, layers: said } = ask('replicas')
    assert.equal(winner, 'override west')
    assert.equal(value, 3)
    assert.deepEqual(
      said.map(({ layer, set, value, wins }) => ({ layer, set, value, wins })),
      [
        { layer: 'chart defaults', set: true, value: 1, wins: false },
        { layer: 'Secret db/values.yaml', set: false, value: undefined, wins: false },
        { layer: 'application', set: true, value: 6, wins: false },
        { layer: 'override west', set: true, value: 3, wins: true },
      ],
    )
  })

  test('a default that nobody changed is the chart own', () => {
    assert.deepEqual([ask('port').winner, ask('port').value], ['chart defaults', 80])
  })

  test('lists are replaced whole: the upper one has every item', () => {
    assert.deepEqual([ask('hosts[0].name').winner, ask('hosts[0].name').value], ['override west', 'b'])
    assert.equal(ask('hosts[1].name').set, false)
  })

  test('a null above deletes, and is said to', () => {
    const said = ask('web.image.tag')
    assert.equal(said.set, false)
    assert.equal(said.winner, 'override west')
    assert.equal(said.note, 'override west deletes it')
  })

  test('never shows what comes from a Secret, neither alone nor inside a map', () => {
    for (const path of ['db.password', 'db', 'db.host']) {
      const said = ask(path)
      assert.ok(!JSON.stringify(said).includes('hunter2'), path)
      assert.ok(!JSON.stringify(said).includes('secret-host'), path)
    }
    assert.equal(ask('db.password').masked, true)
    assert.equal(ask('db').masked, true)
    assert.deepEqual([ask('db.host').masked, ask('db.host').value], [false, 'db'])
  })

  test('says when no layer sets it', () => {
    assert.equal(ask('nothing.here').winner, undefined)
    assert.match(ask('nothing.here').note ?? '', /No layer/)
  })
})

describe('explain a rendered field', () => {
  const container = { name: 'web', image: 'mirror.example/web:2' }
  const objects: KubeObject[] = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', annotations: { 'a.b/c': 'yes', d: '1' } },
      spec: {
        replicas: 5,
        new: 1,
        template: { spec: { containers: [container, { name: 'side', env: [{ name: 'A' }] }] } },
      },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { token: 'cGF0Y2hlZA==', other: 'b3RoZXI=' } },
  ]
  const askObject = (path: string) => explainObject({ path, layers, objects })

  test('names the patch that set it', () => {
    const said = askObject('Deployment/web spec.replicas')
    assert.deepEqual([said?.winner, said?.value], ['patch 1 of override west', 5])
  })

  test('names the patch of what it added, moved or removed, and of nothing else', () => {
    const patch = 'patch 1 of override east'
    for (const [path, winner] of [
      ['spec.template.spec.containers[1].name', patch],
      ['spec.template.spec.containers[1].env[0].name', patch],
      ['spec.template.spec.containers[0].name', 'rendered from values'],
      ['metadata.annotations["a.b/c"]', patch],
      ['metadata.annotations.d', 'rendered from values'],
      ['spec.paused', patch],
      ['spec.old', patch],
      ['spec.new', patch],
      ['spec.template', patch],
    ] as const)
      assert.equal(askObject(`Deployment/web ${path}`)?.winner, winner, path)
  })

  test('what a patch covers is not said to be rendered from values', () => {
    const said = askObject('Deployment/web spec.replicas')
    assert.deepEqual(
      said?.layers.filter(({ set }) => set).map(({ layer, value }) => [layer, value]),
      [['patch 1 of override west', 5]],
    )
    const rendered = askObject('Deployment/web metadata.name')?.layers.filter(({ set }) => set)
    assert.deepEqual(
      rendered?.map(({ layer, value }) => [layer, value]),
      [['rendered from values', 'web']],
    )
  })

  test('names the image rule that set an image', () => {
    const said = askObject('Deployment/web spec.template.spec.containers[0].image')
    assert.equal(said?.winner, 'images of application')
  })

  test('otherwise it is as rendered', () => {
    assert.equal(askObject('Deployment/web metadata.name')?.winner, 'rendered from values')
  })

  test('masks Secrets', () => {
    const said = askObject('Secret/s data.token')
    assert.deepEqual([said?.winner, said?.masked, said?.value], ['patch 2 of override west', true, undefined])
    assert.ok(
      !JSON.stringify([said, askObject('Secret/s data.other'), askObject('Secret/s data')]).includes('b3RoZXI='),
    )
  })

  test('says when there is no such object, and leaves value paths to others', () => {
    assert.match(askObject('Deployment/api spec.replicas')?.note ?? '', /No Deployment api/)
    assert.equal(askObject('web.image.tag'), undefined)
  })
})

test('what keeps a target in standby still wins over all layers', () => {
  const worker: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'worker', namespace: 'shop', annotations: { 'flotilla.dev/consumer': 'true' } },
    spec: { replicas: 3, paused: false },
  }
  const job = (name: string, annotations: Record<string, string> = {}): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'shop', annotations },
    spec: { backoffLimit: 1 },
  })
  const objects = [worker, job('seed'), job('migrate', { 'helm.sh/hook': 'pre-install' })]
  const layers = { values: [], images: [], patches: [], ownOverrides: 0 }
  const ask = (path: string, standby = true) => explainObject({ path, layers, objects, standby })
  const said = ask('Deployment/worker spec.replicas')
  assert.deepEqual([said?.winner, said?.value], ['standby of the target', 0])
  assert.equal(ask('Deployment/worker spec.replicas', false)?.value, 3)
  assert.equal(ask('Deployment/worker spec.paused')?.winner, 'rendered from values')
  assert.deepEqual([ask('Job/seed spec.backoffLimit')?.set, ask('Job/migrate spec.backoffLimit')?.set], [false, true])
})
