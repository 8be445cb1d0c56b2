import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { ensurePart } from '@flotilla/local'
import { findProcess } from './find-process.ts'
import { type TestTarget } from './open-target.ts'
import { until } from '../../../testing/until.ts'
import { readField } from './read-field.ts'

/** A chart whose hook leaves a line for each of its runs in a folder of the node. */
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
  annotations: { helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded", flotilla.dev/migration: "true" }
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

/** Servers that are killed at a failpoint while they deliver that chart, and what must be so afterwards. */
export function createKills(target: TestTarget) {
  /** Runs a server until it ends, or until `until`. Says whether the failpoint was reached. */
  async function serve(failpoint: string | undefined, until: Promise<unknown>): Promise<boolean> {
    const found = { FLOTILLA_HELM_WORKER: await ensurePart('helm-worker') }
    const env = { ...process.env, ...found, ...(failpoint === undefined ? {} : { FLOTILLA_FAILPOINTS: failpoint }) }
    const child = spawn(process.execPath, [findProcess('server-process'), JSON.stringify(target.options)], {
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
    const text = await readFile(`${target.hooksFolder}/${target.project}/${name}`, 'utf8').catch(() => '')
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

  return { serve, write, readRuns, check }
}
