import { FlotillaError } from '@flotilla/model'
import { observeMachine } from './observe-machine.ts'
import { judgeMachine, type Need } from './preflight.ts'
import { silent, type Progress } from './progress.ts'
import { runCommand } from './run-command.ts'

export interface MachineNeeds {
  /** Compiled parts that will be used. */
  readonly parts: readonly string[]
  /** Ports of 127.0.0.1 that must be free. */
  readonly ports: readonly number[]
}

/** Checks every need before anything starts. The answer is the Debian packages still to be installed. */
export async function checkMachine(needs: MachineNeeds): Promise<readonly string[]> {
  const verdict = judgeMachine(await observeMachine(needs.parts, needs.ports))
  if (verdict.missing.length > 0) throw missingError(verdict.missing)
  return verdict.packages
}

/** Checks this machine and installs the Debian packages that are missing, naming them. */
export async function prepareMachine(
  needs: MachineNeeds,
  options: { onProgress?: Progress | undefined; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const packages = await checkMachine(needs)
  if (packages.length > 0) await installPackages(packages, options)
}

/** Installs Debian packages by name. Errors: `local.need_missing` with the command to run by hand. */
export async function installPackages(
  packages: readonly string[],
  options: { onProgress?: Progress | undefined; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { onProgress = silent, signal } = options
  onProgress({ step: 'Debian packages', text: `installing ${packages.join(', ')}` })
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]
  let result = await runCommand(install, { env, signal })
  if (result.code !== 0) {
    // a fresh machine knows no packages yet
    await runCommand(['apt-get', 'update', '-qq'], { env, signal })
    result = await runCommand(install, { env, signal })
  }
  if (result.code === 0) return
  throw missingError([
    {
      what: `apt-get could not install ${packages.join(', ')}: ${result.stderr.trim().slice(-400)}`,
      remedy: `Install them by hand: apt-get install ${packages.join(' ')}`,
    },
  ])
}

function missingError(missing: readonly Need[]): FlotillaError {
  return new FlotillaError('local.need_missing', {
    message: `This machine lacks what local clusters need:\n${missing.map(({ what, remedy }) => `  - ${what}.\n    ${remedy}`).join('\n')}`,
  })
}
