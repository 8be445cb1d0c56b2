import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensurePart, type Fleet } from '@flotilla/local'
import { until } from '../../../e2e/support/prepare-project.ts'
import { freePort } from '../../../e2e/support/start-flotilla.ts'

/** Argo CD as somebody built or downloaded it. */
export interface ArgoProgram {
  /** One binary, which is each of its components by the name it is given. */
  readonly binary: string
  /** The source of the same release: its kinds, its configuration, and a script that its image holds. */
  readonly source: string
}

export const argoNamespace = 'argocd'

/** What its guide advises for a thousand applications; the processors of this machine are the bound, not these. */
export const argoSettings = {
  controller: ['--status-processors', '50', '--operation-processors', '25', '--kubectl-parallelism-limit', '50'],
  /** Each is a process of Helm: more at once only take memory here. */
  repoServer: ['--parallelismlimit', '4'],
  env: { ARGOCD_K8S_CLIENT_QPS: '500', ARGOCD_K8S_CLIENT_BURST: '1000' },
}

export interface ArgoProcesses extends AsyncDisposable {
  readonly pids: readonly number[]
  /** How many times the manifests of an application were generated, by the log of the repo server. */
  countGenerated(): Promise<number>
}

/** Redis, repo server and application controller, on this machine, for the cluster `hub`. */
export async function startArgo({ binary, source }: ArgoProgram, fleet: Fleet): Promise<ArgoProcesses> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-argo-'))
  for (const name of ['bin', 'tmp', 'tls', 'ssh']) await mkdir(path.join(folder, name))
  // it is run for every application that is rendered, whether or not signatures are asked for
  const script = path.join(folder, 'bin/git-verify-wrapper.sh')
  await copyFile(path.join(source, 'hack/git-verify-wrapper.sh'), script)
  await chmod(script, 0o755)
  const [redis, repo, repoMetrics, metrics] = await freePorts()
  const helm = path.dirname(await ensurePart('helm'))
  const kubeconfig = fleet.clusters['hub']?.kubeconfigPath ?? ''
  const shared = {
    ...process.env,
    ...argoSettings.env,
    PATH: `${path.dirname(script)}:${helm}:${process.env['PATH'] ?? ''}`,
    TMPDIR: path.join(folder, 'tmp'),
    KUBECONFIG: kubeconfig,
    HOSTNAME: 'argocd-application-controller-0',
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_TLS_DATA_PATH: path.join(folder, 'tls'),
    ARGOCD_SSH_DATA_PATH: path.join(folder, 'ssh'),
    ARGOCD_ASK_PASS_SOCK: path.join(folder, 'ask-pass.sock'),
    ARGOCD_GPG_ENABLED: 'false',
  }
  const children: ChildProcess[] = []
  const start = async (name: string, file: string, args: readonly string[]): Promise<void> => {
    const log = await open(path.join(folder, `${name}.log`), 'a')
    const env = { ...shared, ARGOCD_BINARY_NAME: name }
    children.push(spawn(file, args, { cwd: folder, env, stdio: ['ignore', log.fd, log.fd] }))
    await log.close()
  }
  const readLog = (name: string): Promise<string> => readFile(path.join(folder, `${name}.log`), 'utf8')
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(endChild))
    await rm(folder, { recursive: true, force: true })
  }
  const at = (port: number): string[] => ['--port', String(port)]
  const memory = ['--redis', `127.0.0.1:${redis}`]
  try {
    await start('redis-server', 'redis-server', [
      ...at(redis),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
    ])
    const repoArgs = [
      ...at(repo),
      '--address',
      '127.0.0.1',
      '--disable-tls',
      '--client-ca-path=',
      ...memory,
      ...argoSettings.repoServer,
    ]
    await start('argocd-repo-server', binary, [
      ...repoArgs,
      '--metrics-address',
      '127.0.0.1',
      ...metricsAt(repoMetrics),
    ])
    const controller = ['--namespace', argoNamespace, '--repo-server', `127.0.0.1:${repo}`, '--repo-server-plaintext']
    // nobody looks by the clock while something is measured
    controller.push(...memory, ...metricsAt(metrics), '--app-resync', '0', '--app-resync-jitter', '0')
    await start('argocd-application-controller', binary, [...controller, ...argoSettings.controller])
    await until(async () => (await Promise.all([repoMetrics, metrics].map(isHealthy))).every(Boolean), 60_000)
  } catch (error) {
    const said = await Promise.all(['redis-server', 'argocd-repo-server', 'argocd-application-controller'].map(readLog))
    await stop()
    throw new Error(`Argo CD did not start: ${said.map((one) => one.slice(-1000)).join('\n')}`, { cause: error })
  }
  return {
    pids: children.flatMap(({ pid }) => pid ?? []),
    countGenerated: async () => (await readLog('argocd-repo-server')).split('"setting manifests cache"').length - 1,
    [Symbol.asyncDispose]: stop,
  }
}

const metricsAt = (port: number): string[] => ['--metrics-port', String(port)]

const isHealthy = async (port: number): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok

async function freePorts(): Promise<[number, number, number, number]> {
  const next = (): Promise<number> => freePort('127.0.0.1')
  return [await next(), await next(), await next(), await next()]
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
