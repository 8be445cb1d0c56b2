import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, readFile, rm } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { apiVersion, group, projectNamespace, workspaceNamespace } from '@flotilla/model'
import { openTarget, type TestTarget, until } from './testing/open-target.ts'
import { readField } from './testing/read-field.ts'

const files = (folder: string): Record<string, string> => ({
  'values.yaml': 'round: "1"\nkeptSeconds: 0\nseconds: 0\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  round: {{ .Values.round | quote }}\n',
  'templates/turn.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{{ .Release.Name }}-{{ .Values.round }}"\n',
  'templates/hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-migrate"
  annotations: { helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded" }
spec:
  backoffLimit: 0
  ttlSecondsAfterFinished: {{ .Values.keptSeconds }}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      volumes: [{ name: record, hostPath: { path: ${folder}, type: DirectoryOrCreate } }]
      containers:
        - name: migrate
          image: busybox:1.35
          command: [sh, -c, 'echo {{ .Values.round }} >> /record/{{ .Release.Name }} && sleep {{ .Values.seconds }}']
          volumeMounts: [{ name: record, mountPath: /record }]
          resources: { requests: { cpu: 1m } }
`,
})

describe('a server killed between the writes of its controllers, or paused', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ withoutServer: true, podSecurity: 'privileged' })
  })
  after(() => target.close())

  /** Runs until it ends, or until `signal`. Says whether the failpoint was reached. */
  async function serve(failpoint: string | undefined, until: Promise<unknown>): Promise<boolean> {
    const script = new URL('./testing/server-process.ts', import.meta.url).pathname
    const env = { ...process.env, ...(failpoint === undefined ? {} : { FLOTILLA_FAILPOINTS: failpoint }) }
    const child = spawn(process.execPath, [script, JSON.stringify(target.options)], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors = `${errors}${chunk.toString('utf8')}`.slice(-4000)
    })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    try {
      // a child that was killed leaves the wait behind, which then fails for nobody
      const over = until.then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      )
      const failed = await Promise.race([ended.then(() => undefined), over])
      if (failed !== undefined) throw failed.thrown
    } finally {
      child.kill('SIGKILL')
      await ended
    }
    return errors.includes('failpoint ')
  }

  const write = async (name: string, round: string, keptSeconds: number, seconds = 0): Promise<void> => {
    const chart = await target.pushChart('killed', '1.0.0', files(`/var/log/hooks/${target.project}`))
    await target.writeApplication(name, {
      components: [{ name, helm: { chart }, values: { round, keptSeconds, seconds } }],
    })
  }
  const readRuns = async (name: string): Promise<string[]> => {
    const record = `${target.fleet.dir}/clusters/east/var-log/hooks/${target.project}/${name}`
    const text = await readFile(record, 'utf8').catch(() => '')
    return text === '' ? [] : text.trim().split('\n')
  }
  const check = async (name: string, rounds: readonly string[]): Promise<void> => {
    const last = rounds.at(-1) ?? ''
    assert.equal(readField(await target.find('ConfigMap', name), 'data', 'round'), last)
    if (rounds.length > 1) assert.equal(await target.find('ConfigMap', `${name}-1`), undefined, 'pruned')
    assert.deepEqual(await readRuns(name), rounds, `runs of the hook of ${name}`)
    const holder = async () => (await target.find('Job', `${name}-migrate`, 'batch')) === undefined
    await until('nothing holds the job', holder)
    const history: unknown = JSON.parse(await target.helm('history', name, '-o', 'json'))
    assert.deepEqual(
      Array.isArray(history) ? history.map((row) => [readField(row, 'revision'), readField(row, 'status')]) : history,
      rounds.map((_, index) => [index + 1, index + 1 === rounds.length ? 'deployed' : 'superseded']),
      name,
    )
  }

  test('makes a workspace, a project and its application whole, once, and takes them away whole', async () => {
    const { host } = target
    const name = `kill-${target.project}`
    const inWorkspace = workspaceNamespace(name)
    const inProject = projectNamespace(name)
    const make = (kind: string, spec: object, namespace?: string): Promise<unknown> =>
      host.create({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec })
    const find = (kind: string, namespace?: string) =>
      host.find({ group, kind, name, ...(namespace === undefined ? {} : { namespace }) })
    const killAt = async (...points: readonly string[]): Promise<void> => {
      for (const failpoint of points) {
        const landed = await serve(failpoint, wait(30_000, undefined, { ref: false }))
        assert.equal(landed, true, `the kill at ${failpoint} landed`)
      }
    }
    const inline = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
    try {
      await make('Workspace', {})
      await killAt('workspace.createNamespace')
      await make('Project', { targets: [{ clusters: { names: ['east'] } }] }, inWorkspace)
      // one in the host, and one in the member
      await killAt('project.createNamespace', 'project.createNamespace')
      await make('Application', { components: [{ name: 'web', manifests: { inline } }] }, inProject)
      await killAt('application-revision-appended', 'application-delivery-written')
      const isHealthy = async () =>
        readField(await find('Application', inProject), 'status', 'targets', 'healthy') === 1
      await serve(undefined, until('it is delivered', isHealthy))
      assert.ok(await target.member().find({ group: '', kind: 'ConfigMap', name, namespace: name }))
      assert.equal(readField(await find('Application', inProject), 'status', 'revision'), 1)
      const { items } = await host.list({ group, kind: 'Delivery' }, { namespace: inProject })
      assert.equal(items.length, 1)
    } finally {
      // what fails half-way is taken away by the server that closes the target
      for (const [kind, namespace] of [
        ['Application', inProject],
        ['Project', inWorkspace],
        ['Workspace', undefined],
      ] as const)
        await host.delete({ group, kind, name, ...(namespace === undefined ? {} : { namespace }) }).catch(() => 'gone')
    }
    await killAt('application-delivery-deleted', 'project.deleteNamespace')
    await serve(
      undefined,
      until('the workspace is gone', async () => (await find('Workspace')) === undefined),
    )
    for (const [client, namespace] of [
      [host, inWorkspace],
      [host, inProject],
      [target.member(), name],
    ] as const) {
      const isGone = async () => (await client.find({ group: '', kind: 'Namespace', name: namespace })) === undefined
      await until(`${namespace} is gone`, isGone)
    }
  })

  /** The whole server, with a lease of seconds, on a data directory. */
  function startLeased(dataDir: string): { child: ChildProcess; ended: Promise<number | null>; said: () => string } {
    const script = new URL('./testing/leased-process.ts', import.meta.url).pathname
    const { registry } = target.options
    const kubeconfig = target.fleet.clusters['hub']?.kubeconfigPath ?? ''
    const args = ['--kubeconfig', kubeconfig, '--data', dataDir, '--listen', '127.0.0.1:0']
    const child = spawn(process.execPath, [script, ...args, '--allow-host', registry, '--insecure-host', registry], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(-20_000)
    })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    return { child, ended, said: () => said }
  }

  test('one that was paused for longer than its lease writes nothing when it wakes, and ends; no hook runs twice', async () => {
    const copy = `${target.options.dataDir}-copy`
    const first = startLeased(target.options.dataDir)
    let second: ReturnType<typeof startLeased> | undefined
    try {
      await write('paused', '1', 0, 3)
      await until('the hook runs', async () => (await readRuns('paused')).length > 0)
      first.child.kill('SIGSTOP')
      // whoever believes that it is lost starts another on its backup
      await cp(target.options.dataDir, copy, { recursive: true })
      second = startLeased(copy)
      await target.settled('paused', { revision: 1 })
      await write('paused', '2', 0)
      await target.settled('paused', { revision: 2 })
      const seen = async (): Promise<unknown[]> => [
        (await target.getDelivery('paused'))?.metadata.resourceVersion,
        (await target.find('ConfigMap', 'paused'))?.metadata.resourceVersion,
        (await target.find('ConfigMap', 'flotilla-inventory-paused'))?.metadata.resourceVersion,
      ]
      const before = await seen()
      first.child.kill('SIGCONT')
      assert.equal(await Promise.race([first.ended, wait(15_000, 'it goes on')]), 1, first.said())
      assert.match(first.said(), /delivery\.stale_writer/)
      assert.deepEqual(await seen(), before)
      assert.equal(second.child.exitCode, null, second.said())
      await check('paused', ['1', '2'])
    } finally {
      for (const one of [first, second]) {
        one?.child.kill('SIGKILL')
        await one?.ended
      }
      await rm(copy, { recursive: true, force: true })
    }
  })
})
