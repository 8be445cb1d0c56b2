import { execFile } from 'node:child_process'
import path from 'node:path'
import type { Fleet } from '@flotilla/local'
import type { RunningFlotilla } from './start-flotilla.ts'

const program = path.resolve(import.meta.dirname, '../../bin/flotilla')

export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a program to its end, at most for `timeoutMs`; both of its streams are the output. */
export function runProgram(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  timeoutMs = 300_000,
): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, NO_COLOR: '1', ...env }, timeout: timeoutMs, maxBuffer: 32 << 20 }
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: stdout + stderr })
    })
  })
}

/** The command line, signed in to a test's server as its administrator. */
export async function cliOf(server: RunningFlotilla): Promise<(...args: string[]) => Promise<Ran>> {
  const env = { FLOTILLA_SERVER: server.url, FLOTILLA_TOKEN: await server.token() }
  return (...args) => runProgram(program, args, env)
}

/** Adds clusters of the fleet that are not there yet. The answer is those that were added, to be removed again. */
export async function joinClusters(
  flotilla: (...args: string[]) => Promise<Ran>,
  fleet: Fleet,
  names: readonly string[],
): Promise<string[]> {
  const added: string[] = []
  for (const name of names) {
    const { code, output } = await flotilla(
      'cluster',
      'add',
      name,
      '--kubeconfig',
      fleet.clusters[name]?.kubeconfigPath ?? '',
    )
    if (code === 0) added.push(name)
    else if (!output.includes('request.conflict')) throw new Error(output)
  }
  return added
}
