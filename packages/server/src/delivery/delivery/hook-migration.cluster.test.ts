import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'

/** A chart whose hook migrates: it leaves a line for each of its runs in a folder of the node. */
const files = (folder: string): Record<string, string> => ({
  'values.yaml': 'value: "1"\nfile: runs\nscript: "true"\ndatabase: ""\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  value: {{ .Values.value | quote }}\n',
  'templates/hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-migrate"
  annotations:
    helm.sh/hook: "pre-install,pre-upgrade"
    flotilla.dev/migration: "true"
    flotilla.dev/migration-database: {{ .Values.database | quote }}
spec:
  backoffLimit: 0
  template:
    metadata:
      labels: { release: "{{ .Release.Name }}", value: "{{ .Values.value }}" }
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      volumes: [{ name: record, hostPath: { path: ${folder}, type: DirectoryOrCreate } }]
      containers:
        - name: migrate
          image: busybox:1.35
          command: [sh, -c, 'echo ran >> /record/{{ .Values.file }}; echo migrated; {{ .Values.script }}']
          volumeMounts: [{ name: record, mountPath: /record }]
          resources: { requests: { cpu: 1m } }
`,
})

describe('hooks that migrate', () => {
  let target: TestTarget
  let chart: { readonly oci: { readonly repository: string; readonly version: string } } | Record<string, unknown>
  before(async () => {
    target = await openTarget({ podSecurity: 'privileged' })
    chart = await target.pushChart('migrating', '1.0.0', files(`/var/log/hooks/${target.project}`))
  })
  after(() => target.close())

  const write = (name: string, values: Record<string, string>) =>
    target.writeApplication(name, { components: [{ name, helm: { chart }, values }] })
  const runs = async (file: string): Promise<string[]> => {
    const text = await readFile(`${target.hooksFolder}/${target.project}/${file}`, 'utf8').catch(() => '')
    return text === '' ? [] : text.trim().split('\n')
  }

  test('run once for what they do, in every revision and for every application that has the database', async () => {
    await write('m1', { file: 'once', database: 'orders' })
    const { metadata } = (await target.settled('m1'), (await target.getDelivery('m1')) ?? { metadata: { uid: '' } })
    assert.deepEqual(await runs('once'), ['ran'])
    const [log] = await target.server.store.stepLogs.list(metadata.uid ?? '')
    const kept = await target.server.store.stepLogs.get(metadata.uid ?? '', log?.step ?? '')
    assert.equal(kept?.text, 'migrated\n')

    await write('m1', { file: 'once', database: 'orders', value: '2' })
    await target.settled('m1', { revision: 2 })
    await write('m2', { file: 'once', database: 'orders' })
    await target.settled('m2')
    assert.deepEqual(await runs('once'), ['ran'])

    await write('m3', { file: 'once' })
    await target.settled('m3')
    assert.deepEqual(await runs('once'), ['ran', 'ran'], 'without a database it is another target')
    await write('m1', { file: 'once', database: 'orders', value: '3', script: 'echo more' })
    await target.settled('m1', { revision: 3 })
    assert.equal((await runs('once')).length, 3, 'what does something else is another migration')
  })

  test('whose pod is evicted stop for a person, and go on without a run when the person says that they succeeded', async () => {
    await write('evicted', { file: 'evicted', script: 'sleep 600' })
    const pod = await until('its pod runs', async () => {
      const { items } = await target
        .member()
        .list<KubeObject & { status?: { phase?: string } }>(
          { group: '', version: 'v1', kind: 'Pod' },
          { namespace: target.project, labelSelector: 'release=evicted' },
        )
      return items.find(({ status }) => status?.phase === 'Running')
    })
    await target.member().evict({ namespace: target.project, name: pod.metadata.name })
    const stopped = await target.waitFor('evicted', 'stops', ({ phase }) => phase === 'Failed')
    assert.equal(stopped.attempt?.hook?.outcome, 'Uncertain')
    const { projectUid, ledger } = {
      projectUid: (await target.getDelivery('evicted'))?.spec.project.uid ?? '',
      ledger: target.server.store.migrationLedger,
    }
    const { digest = '', scope = '' } = stopped.attempt?.hook?.migration ?? {}
    const key = { projectUid, digest, scope }
    await until('the ledger has it', async () => (await ledger.get(key))?.state === 'Uncertain')

    await target.sync('evicted')
    const again = await target.waitFor(
      'evicted',
      'still needs a person',
      ({ phase, attempt }) => phase === 'Failed' && attempt?.syncRequest !== undefined,
    )
    assert.match(again.message ?? '', /nobody knows how this migration ended/)
    const at = new Date().toISOString()
    assert.equal(await ledger.resolve(key, { outcome: 'Succeeded', by: 'carol', reason: 'seen', at }), true)
    await target.sync('evicted')
    await target.settled('evicted')
    assert.deepEqual(await runs('evicted'), ['ran'])
  })
})
