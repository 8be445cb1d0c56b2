import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { RouteBody } from '@flotilla/api'
import type { Identity } from '@flotilla/kube'
import { FlotillaError, group, type KubeObject, workspaceGroup, workspaceNamespace } from '@flotilla/model'
import { packArchive } from '@flotilla/render'
import { uploadKey } from '../../application/source-store.ts'
import { openTarget, type TestTarget } from '../testing/open-target.ts'
import { until } from '../../../testing/until.ts'
import { readField } from '../testing/read-field.ts'
import { adopt } from './adopt.ts'

const files = {
  'Chart.yaml': 'apiVersion: v2\nname: old\nversion: 1.2.3\n',
  'values.yaml': 'greeting: hello\npassword: changeme\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  value: {{ .Values.greeting | quote }}\n',
  'templates/secret.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\nstringData:\n  password: {{ .Values.password | quote }}\n',
  'templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}-web" }
spec:
  replicas: 1
  selector: { matchLabels: { app: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { app: "{{ .Release.Name }}" } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: main, image: "busybox:1.35", command: [sleep, infinity], resources: { requests: { cpu: 1m } } }]
`,
  'templates/hook.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}-hook", annotations: { helm.sh/hook: "pre-upgrade" } }
`,
}

describe('taking over what runs', () => {
  let target: TestTarget
  let by: Identity
  let chartDir: string
  before(async () => {
    target = await openTarget()
    const { metadata } = await target.host.get({ group, kind: 'Workspace', name: 'retail' })
    by = { user: 'flotilla:user:tester', groups: [workspaceGroup(metadata.uid ?? '', 'admin')] }
    chartDir = await mkdtemp(join(tmpdir(), 'flotilla-chart-'))
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(chartDir, path)), { recursive: true })
      await writeFile(join(chartDir, path), text)
    }
  })
  after(async () => {
    await rm(chartDir, { recursive: true, force: true })
    await target.close()
  })

  const take = (request: Omit<RouteBody<'applications.adopt'>, 'cluster' | 'dryRun'>, dryRun = false) => {
    const { state, fleet, store, services } = target.server
    const project = state.projects.get(workspaceNamespace('retail'), target.project)
    assert.ok(project)
    const deps = { fleet, blobs: store.blobs, preview: services.preview }
    return adopt(deps, {
      project,
      request: { ...request, cluster: 'east', dryRun },
      by,
      signal: new AbortController().signal,
    })
  }
  const podsOf = async (app: string): Promise<string[]> => {
    const { items } = await target
      .member()
      .list({ group: '', kind: 'Pod' }, { namespace: target.project, labelSelector: `app=${app}` })
    return items.map(({ metadata }) => metadata.uid ?? '').sort()
  }
  const running = (app: string) =>
    until(`${app} runs`, async () => ((await podsOf(app)).length === 1 ? podsOf(app) : undefined))

  test('a Helm release goes on under Flotilla without a pod restart, with its history and its secrets hidden', async () => {
    await target.helm('install', 'old', chartDir, '--set', 'greeting=kept,password=s3cret')
    const pods = await running('old')
    const looked = await take({ application: 'taken', helmRelease: 'old' }, true)
    assert.equal(looked.written, false)
    assert.equal(
      await target.host.find({ group, kind: 'Application', namespace: target.namespace, name: 'taken' }),
      undefined,
    )
    assert.equal(looked.document.includes('s3cret'), false)

    const answer = await take({ application: 'taken', helmRelease: 'old' })
    assert.deepEqual([answer.component, answer.objects.length, answer.written], ['old', 3, true])
    const { health } = await target.settled('taken')
    assert.equal(health, 'Healthy')
    assert.deepEqual(await podsOf('old'), pods, 'no pod was restarted')
    const config = await target.find('ConfigMap', 'old')
    assert.equal(readField(config, 'data', 'value'), 'kept')
    assert.equal(config?.metadata.labels?.['flotilla.dev/application'], 'taken')
    assert.deepEqual(
      config?.metadata.managedFields?.map(({ manager }) => manager),
      ['flotilla'],
    )
    assert.equal(
      readField(await target.find('Secret', 'old'), 'data', 'password'),
      Buffer.from('s3cret').toString('base64'),
    )
    const history = JSON.parse(await target.helm('history', 'old', '-o', 'json'))
    assert.deepEqual(
      history.map((row: Record<string, unknown>) => [row['revision'], row['status']]),
      [
        [1, 'superseded'],
        [2, 'deployed'],
      ],
    )
    assert.equal(await target.find('ConfigMap', 'old-hook'), undefined, 'taking over runs no hooks')
    await assert.rejects(take({ application: 'again', helmRelease: 'old' }), { code: 'delivery.owned_by_other' })
  })

  test('a release with subcharts is taken over with the chart from where it comes', async () => {
    const folder = join(chartDir, '../', `${basename(chartDir)}-sub`)
    const texts = {
      'Chart.yaml': 'apiVersion: v2\nname: whole\nversion: 1.0.0\ndependencies: [{ name: part, version: 1.0.0 }]\n',
      'values.yaml': 'part: { value: "on" }\n',
      'charts/part/Chart.yaml': 'apiVersion: v2\nname: part\nversion: 1.0.0\n',
      'charts/part/templates/a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}-part" }\ndata: { value: {{ .Values.value | quote }} }\n',
    }
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    try {
      await target.helm('install', 'whole', folder, '--set', 'part.value=NO')
      await assert.rejects(take({ application: 'whole', helmRelease: 'whole' }), (thrown: unknown) => {
        assert.ok(thrown instanceof FlotillaError)
        assert.match(thrown.remedy ?? '', /version 1\.0\.0 of the chart.*--chart/)
        return true
      })
      const packed = await packArchive(
        Object.entries(texts).map(([path, text]) => ({ path, data: Buffer.from(text) })),
        'whole',
      )
      const digest = `sha256:${hash('sha256', packed, 'hex')}`
      await target.server.store.blobs.put(uploadKey(digest), packed)
      await take({ application: 'whole', helmRelease: 'whole', chart: { upload: { digest } } })
      await target.settled('whole')
      const config = await target.find('ConfigMap', 'whole-part')
      assert.equal(readField(config, 'data', 'value'), 'NO')
      assert.equal(config?.metadata.labels?.['flotilla.dev/application'], 'whole')
      const history = JSON.parse(await target.helm('history', 'whole', '-o', 'json'))
      assert.equal(history.length, 2)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('a release that was changed by hand is refused, with the difference', async () => {
    await target.helm('install', 'bent', chartDir)
    const key = { group: 'apps', kind: 'Deployment', namespace: target.project, name: 'bent-web' }
    const body = [{ op: 'replace' as const, path: '/spec/template/spec/containers/0/command/1', value: '9999' }]
    await target.member().patch(key, { type: 'json', operations: body }, { fieldManager: 'mallory' })
    await assert.rejects(take({ application: 'bent', helmRelease: 'bent' }), (thrown: unknown) => {
      assert.ok(thrown instanceof FlotillaError)
      assert.equal(thrown.code, 'request.conflict')
      assert.match(thrown.message, /Deployment .*\/bent-web/)
      assert.match(thrown.message, /-.*9999[\s\S]*\+.*infinity/)
      return true
    })
    await target.helm('uninstall', 'bent')
  })

  test('plain objects go on under Flotilla without a pod restart; Secrets and what others own do not', async () => {
    const { project: namespace } = target
    const labels = { app: 'plain' }
    const pod = {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox:1.35', command: ['sleep', 'infinity'] }],
    }
    const objects: KubeObject[] = [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'plain', namespace },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'plain', namespace },
        spec: { selector: labels, ports: [{ port: 80 }] },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'plain', namespace }, stringData: { a: 'b' } },
    ]
    for (const object of objects) await target.member().create(object, { fieldManager: 'kubectl-client-side-apply' })
    const pods = await running('plain')
    const service = await target.find('Service', 'plain')
    const [deployment, plainService, secret] = [
      { group: 'apps', kind: 'Deployment', name: 'plain' },
      { group: '', kind: 'Service', name: 'plain' },
      { group: '', kind: 'Secret', name: 'plain' },
    ] as const
    await assert.rejects(take({ application: 'plain', objects: [secret] }), { code: 'input.invalid' })
    await assert.rejects(take({ application: 'plain', objects: [{ ...deployment, name: 'nowhere' }] }), {
      code: 'request.not_found',
    })
    await take({ application: 'plain', objects: [deployment, plainService] })
    await target.settled('plain')
    assert.deepEqual(await podsOf('plain'), pods)
    const after = await target.find('Service', 'plain')
    assert.equal(readField(after, 'spec', 'clusterIP'), readField(service, 'spec', 'clusterIP'))
    assert.equal(after?.metadata.labels?.['flotilla.dev/application'], 'plain')
    await target.deleteApplication('plain')
    await until('they went with the application', async () => (await target.find('Service', 'plain')) === undefined)
  })
})
