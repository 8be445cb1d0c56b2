import { type ChildProcess, spawn } from 'node:child_process'
import { findProcess } from './find-process.ts'
import type { TestTarget } from './open-target.ts'

/** The whole server in a process of its own, with a lease of seconds. */
export interface LeasedServer {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  /** The end of its log. */
  said(): string
}

export interface LeasedOptions {
  readonly dataDir: string
  /** File of another way to the host than the fleet's. */
  readonly kubeconfig?: string | undefined
  readonly env?: Readonly<Record<string, string>>
}

/** Starts one on the host of a target. */
export function startLeased(
  { fleet, options: { registry } }: Pick<TestTarget, 'fleet' | 'options'>,
  { dataDir, kubeconfig = fleet.clusters['hub']?.kubeconfigPath ?? '', env = {} }: LeasedOptions,
): LeasedServer {
  const args = ['--kubeconfig', kubeconfig, '--data', dataDir, '--listen', '127.0.0.1:0']
  args.push('--allow-host', registry, '--insecure-host', registry)
  const child = spawn(process.execPath, [findProcess('leased-process'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-20_000)
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, ended, said: () => said }
}
