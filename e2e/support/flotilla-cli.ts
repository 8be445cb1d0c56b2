import path from 'node:path'
import type { Fleet } from '@flotilla/local'
import { type Ran, runProgram } from './run-program.ts'
import type { RunningFlotilla } from './start-flotilla.ts'

const program = path.resolve(import.meta.dirname, '../../bin/flotilla')

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
