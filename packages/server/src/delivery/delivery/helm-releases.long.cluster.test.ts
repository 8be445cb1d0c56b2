import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'
import { readField } from './testing/read-field.ts'

const templates = (hook = ''): Record<string, string> => ({
  'values.yaml': 'greeting: hello\nimage: busybox:1.35\nfail: ""\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  value: {{ .Values.greeting | quote }}\n',
  'templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}-web" }
spec:
  selector: { matchLabels: { app: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { app: "{{ .Release.Name }}" } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: main, image: "{{ .Values.image }}", command: [sleep, infinity], resources: { requests: { cpu: 1m } } }]
`,
  'templates/NOTES.txt': 'Say {{ .Values.greeting }}\n',
  ...(hook === '' ? {} : { 'templates/hook.yaml': hook }),
})

/** A hook that adds a line to a file of the node for each run of its container. */
const countingHook = (events: string, folder: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-migrate"
  annotations: { helm.sh/hook: "${events}" }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      volumes: [{ name: record, hostPath: { path: ${folder}, type: DirectoryOrCreate } }]
      containers:
        - name: migrate
          image: busybox:1.35
          command: [sh, -c, 'echo run >> /record/runs; sleep 1; echo "{{ .Values.fail }}" ; test -z "{{ .Values.fail }}"']
          volumeMounts: [{ name: record, mountPath: /record }]
          resources: { requests: { cpu: 1m } }
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}-settings"
  annotations: { helm.sh/hook: "${events}", helm.sh/hook-weight: "-5", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded" }
`

const History = z.array(z.object({ revision: z.number(), status: z.string(), description: z.string() }))
const List = z.array(z.object({ name: z.string(), revision: z.string(), status: z.string() }))

describe('Helm components beside plain helm', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ podSecurity: 'privileged' })
  })
  after(() => target.close())

  const component = (chart: unknown, values: Record<string, unknown> = {}, name = 'web') => ({
    components: [{ name, helm: { chart }, values }],
  })
  const value = async (name: string): Promise<unknown> =>
    readField(await target.find('ConfigMap', name), 'data', 'value')
  const history = async (release: string): Promise<[number, string, string][]> => {
    const rows = History.parse(JSON.parse(await target.helm('history', release, '-o', 'json')))
    return rows.map(({ revision, status, description }) => [revision, status, description])
  }

  test('plain helm lists them, knows their history, and what it does is reported and held until a person syncs', async () => {
    const chart = await target.pushChart('story', '1.0.0', templates())
    await target.writeApplication('story', component(chart, {}, 'story'))
    await target.settled('story')
    const listed = List.parse(JSON.parse(await target.helm('list', '-o', 'json')))
    assert.deepEqual(
      listed.map(({ name, revision, status }) => [name, revision, status]),
      [['story', '1', 'deployed']],
    )
    assert.match(await target.helm('get', 'manifest', 'story'), /value: "hello"/)
    assert.match(await target.helm('get', 'notes', 'story'), /Say hello/)

    await target.writeApplication('story', component(chart, { greeting: 'goodbye' }, 'story'))
    await target.settled('story', { revision: 2 })
    assert.equal(await value('story'), 'goodbye')
    assert.deepEqual(await history('story'), [
      [1, 'superseded', 'Install complete'],
      [2, 'deployed', 'Upgrade complete'],
    ])
    assert.match(await target.helm('get', 'values', 'story'), /greeting: goodbye/)

    await target.helm('rollback', 'story', '1')
    const { helmChanged, message } = await target.waitFor(
      'story',
      'reports the rollback',
      (status) => status.helmChanged?.includes('(deployed)') === true,
    )
    assert.match(helmChanged ?? '', /helm made revision 3 \(deployed\) of the release story; Flotilla made 2/)
    assert.match(message ?? '', /Held until you sync/)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    assert.equal(await value('story'), 'hello', 'a rollback is not fought')

    await target.sync('story')
    await target.waitFor(
      'story',
      'is ours again',
      (status) => status.helmChanged === undefined && status.phase === 'Settled',
    )
    assert.equal(await value('story'), 'goodbye')
    assert.deepEqual(
      (await history('story')).map(([revision, status]) => [revision, status]),
      [
        [1, 'superseded'],
        [2, 'superseded'],
        [3, 'superseded'],
        [4, 'deployed'],
      ],
    )

    await target.helm(
      'upgrade',
      'story',
      chart.oci.url,
      '--version',
      '1.0.0',
      '--plain-http',
      '--set',
      'greeting=by-hand',
    )
    await target.waitFor(
      'story',
      'reports the upgrade',
      (status) => status.helmChanged?.includes('revision 5') === true,
    )
    assert.equal(await value('story'), 'by-hand')

    await target.helm('uninstall', 'story')
    await target.waitFor(
      'story',
      'reports the uninstall',
      (status) => status.helmChanged?.includes('uninstalled') === true,
    )
    assert.equal(await target.find('ConfigMap', 'story'), undefined)
    await target.sync('story')
    await target.waitFor(
      'story',
      'is installed again',
      (status) => status.helmChanged === undefined && status.phase === 'Settled',
    )
    assert.equal(await value('story'), 'goodbye')
    assert.equal((await history('story')).at(-1)?.[1], 'deployed')

    await target.deleteApplication('story')
    await until('the delivery is gone', async () => (await target.getDelivery('story')) === undefined)
    assert.deepEqual(JSON.parse(await target.helm('list', '-o', 'json')), [])
  })

  test('with deletionPolicy Keep plain helm goes on where Flotilla stopped', async () => {
    const chart = await target.pushChart('handed', '1.0.0', templates())
    await target.writeApplication('handed', { ...component(chart, {}, 'handed'), deletionPolicy: 'Keep' })
    await target.settled('handed')
    await target.deleteApplication('handed')
    await until('the delivery is gone', async () => (await target.getDelivery('handed')) === undefined)
    await target.helm(
      'upgrade',
      'handed',
      chart.oci.url,
      '--version',
      '1.0.0',
      '--plain-http',
      '--set',
      'greeting=mine',
    )
    assert.equal(await value('handed'), 'mine')
    await target.helm('uninstall', 'handed')
    assert.equal(await target.find('ConfigMap', 'handed'), undefined)
  })

  test('hooks run as Helm runs them, each once; one that fails stops everything until a person syncs', async () => {
    const folder = `/var/log/hooks/${target.project}`
    const runs = async (): Promise<number> => {
      const file = `${target.hooksFolder}/${target.project}/runs`
      return (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line === 'run').length
    }
    const chart = await target.pushChart('hooked', '1.0.0', templates(countingHook('pre-install,pre-upgrade', folder)))
    await target.writeApplication('hooked', component(chart, {}, 'hooked'))
    await target.settled('hooked')
    assert.equal(await runs(), 1)
    assert.equal(await target.find('ConfigMap', 'hooked-settings'), undefined, 'hook-succeeded removes it')
    const job = await target.find('Job', 'hooked-migrate', 'batch')
    assert.equal(job?.metadata.finalizers?.includes('flotilla.dev/hook') ?? false, false)

    await target.writeApplication('hooked', component(chart, { greeting: 'next' }, 'hooked'))
    await target.settled('hooked', { revision: 2 })
    assert.equal(await runs(), 2)
    await target.sync('hooked')
    await target.settled('hooked')
    assert.equal(await runs(), 2, 'a sync of the same set repeats no hook')

    await target.writeApplication('hooked', component(chart, { greeting: 'bad', fail: 'schema is locked' }, 'hooked'))
    const failed = await target.waitFor('hooked', 'fails', ({ phase }) => phase === 'Failed')
    assert.match(failed.message ?? '', /hook hooked-migrate \(pre-upgrade of hooked\) failed/)
    assert.match(failed.message ?? '', /exit code 1/)
    assert.match(failed.message ?? '', /schema is locked/)
    assert.equal(await value('hooked'), 'next', 'nothing was applied')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    assert.equal(await runs(), 3, 'it is not tried again by itself')
    await target.sync('hooked')
    await until('a person has it tried again', async () => (await runs()) === 4)
    await target.waitFor('hooked', 'fails again', ({ phase }) => phase === 'Failed')
    await target.writeApplication('hooked', component(chart, { greeting: 'good' }, 'hooked'))
    await target.settled('hooked', { revision: 4 })
    assert.equal(await runs(), 5)
    assert.equal(await value('hooked'), 'good')
  })

  test('a component that comes later is installed, one that goes is uninstalled with its hooks', async () => {
    const folder = `/var/log/hooks/${target.project}-leaving`
    const chart = await target.pushChart('leaving', '1.0.0', templates(countingHook('pre-delete', folder)))
    const other = { name: 'base', manifests: { inline: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: base }\n' } }
    const leaving = { name: 'leaving', helm: { chart } }
    await target.writeApplication('parts', { components: [other, leaving] })
    await target.settled('parts')
    await target.writeApplication('parts', { components: [other] })
    await target.settled('parts', { revision: 2 })
    assert.equal(await target.find('ConfigMap', 'leaving'), undefined)
    assert.ok(await target.find('ConfigMap', 'base'))
    const file = `${target.hooksFolder}/${target.project}-leaving/runs`
    assert.equal(await readFile(file, 'utf8'), 'run\n')
    const left = List.parse(JSON.parse(await target.helm('list', '-o', 'json')))
    assert.equal(
      left.some(({ name }) => name === 'leaving'),
      false,
    )
  })
})
