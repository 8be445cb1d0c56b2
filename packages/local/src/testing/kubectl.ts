import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from '../fleet.ts'
import { runChecked, runCommand, type CommandResult } from '../run-command.ts'

/** kubectl of the fleet's own version on one of its clusters; throws when it fails. */
export function kubectl(fleet: Fleet, cluster: string, args: readonly string[], input?: string): Promise<string> {
  return runChecked(command(fleet, cluster, args), { input })
}

/** The same, but a failure is a result. */
export function tryKubectl(fleet: Fleet, cluster: string, args: readonly string[]): Promise<CommandResult> {
  return runCommand(command(fleet, cluster, args))
}

const command = (fleet: Fleet, cluster: string, args: readonly string[]): string[] => [
  path.join(fleet.dir, 'bin/kubectl'),
  `--kubeconfig=${fleet.kubeconfigPath}`,
  `--context=${cluster}`,
  '--request-timeout=20s',
  ...args,
]

/** Asks until the answer is yes; throws with the question's words when the time is up. */
export async function eventually(what: string, question: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(250)) {
    if (await question().catch(() => false)) return
  }
  throw new Error(`not so after ${seconds} s: ${what}`)
}
