import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { openTarget, type TestTarget, until } from './testing/open-target.ts'
import { readField } from './testing/read-field.ts'

/** Between every two writes of a first installation ... */
const ofInstalls = [
  'delivery-finalizer-written',
  'delivery-status-written',
  'delivery-status-written:3',
  'delivery-status-written:5',
  'delivery-hook-created',
  'delivery-startHook-done',
  'delivery-hook-let-go',
  'delivery-finishHook-done',
  'delivery-hook-removed',
  'delivery-inventory-written',
  'delivery-object-applied',
  'delivery-wave-applied',
  'delivery-apply-done',
  'delivery-record-created',
] as const
/** ... and those that only an upgrade passes. */
const ofUpgrades = [
  'delivery-hook-created',
  'delivery-object-applied',
  'delivery-object-pruned',
  'delivery-prune-done',
  'delivery-record-created',
  'delivery-record-superseded',
] as const

const files = (folder: string): Record<string, string> => ({
  'values.yaml': 'round: "1"\nkeptSeconds: 0\n',
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
          command: [sh, -c, 'echo {{ .Values.round }} >> /record/{{ .Release.Name }}']
          volumeMounts: [{ name: record, mountPath: /record }]
          resources: { requests: { cpu: 1m } }
`,
})

describe('a server killed between two writes', () => {
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

  const write = async (name: string, round: string, keptSeconds: number): Promise<void> => {
    const chart = await target.pushChart('killed', '1.0.0', files(`/var/log/hooks/${target.project}`))
    await target.writeApplication(name, { components: [{ name, helm: { chart }, values: { round, keptSeconds } }] })
  }
  const check = async (name: string, rounds: readonly string[]): Promise<void> => {
    const last = rounds.at(-1) ?? ''
    assert.equal(readField(await target.find('ConfigMap', name), 'data', 'round'), last)
    if (rounds.length > 1) assert.equal(await target.find('ConfigMap', `${name}-1`), undefined, 'pruned')
    const record = `${target.fleet.dir}/clusters/east/var-log/hooks/${target.project}/${name}`
    assert.deepEqual((await readFile(record, 'utf8')).trim().split('\n'), rounds, `runs of the hook of ${name}`)
    const holder = async () => (await target.find('Job', `${name}-migrate`, 'batch')) === undefined
    await until('nothing holds the job', holder)
    const history: unknown = JSON.parse(await target.helm('history', name, '-o', 'json'))
    assert.deepEqual(
      Array.isArray(history) ? history.map((row) => [readField(row, 'revision'), readField(row, 'status')]) : history,
      rounds.map((_, index) => [index + 1, index + 1 === rounds.length ? 'deployed' : 'superseded']),
      name,
    )
  }
  /** One more application for each kill: the processes that follow find the unfinished ones and are killed over them, too. */
  const killAt = async (points: readonly string[], round: string): Promise<string[]> => {
    const names: string[] = []
    for (const [at, failpoint] of points.entries()) {
      names.push(`k${at}`)
      // nearly always the cluster itself takes a finished Job away first, unless the Job is to be kept
      await write(`k${at}`, round, failpoint === 'delivery-hook-removed' ? 600 : 0)
      const killed = await serve(failpoint, target.settled(`k${at}`, { revision: Number(round), seconds: 120 }))
      assert.equal(killed, true, `the kill at ${failpoint} landed`)
    }
    await serve(
      undefined,
      Promise.all(names.map((name) => target.settled(name, { revision: Number(round), seconds: 180 }))),
    )
    return names
  }

  test('converges, however often; every hook ran once for each version, nothing is there twice and nothing is lost', async () => {
    for (const name of await killAt(ofInstalls, '1')) await check(name, ['1'])
    for (const name of await killAt(ofUpgrades, '2')) await check(name, ['1', '2'])
  })
})
