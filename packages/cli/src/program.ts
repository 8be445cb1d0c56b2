import { Command } from 'commander'
import type { Io } from './io.ts'
import { applicationCommands } from './program/application-commands.ts'
import { auditCommands } from './program/audit-commands.ts'
import { clusterCommands } from './program/cluster-commands.ts'
import { completionCommand } from './program/completion-command.ts'
import { documentCommands } from './program/document-commands.ts'
import { historyCommands } from './program/history-commands.ts'
import { kubernetesCommands } from './program/kubernetes-commands.ts'
import { moveCommands } from './program/move-commands.ts'
import { peopleCommands } from './program/people-commands.ts'
import { planCommands } from './program/plan-commands.ts'
import { releaseCommands } from './program/release-commands.ts'
import { roleCommands } from './program/role-commands.ts'
import { rolloutCommands } from './program/rollout-commands.ts'
import { sessionCommands } from './program/session-commands.ts'
import { providerCommands, serviceAccountCommands, tokenCommands } from './program/token-commands.ts'

/** Every command with its options, help and examples. What a command does is loaded only when it runs. */
export function buildProgram(io: Io, version: string): Command {
  const program = new Command('flotilla')
    .description('Run many Kubernetes clusters as one')
    .version(version, '-V, --version', 'Say which version this is')
    .option('--context <name>', 'Server to work with, of those that you signed in to')
    .showHelpAfterError('(--help shows how it is used)')
    .showSuggestionAfterError()
    .helpCommand(false)
  // before the commands: they inherit it
  program.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  sessionCommands(program, io)
  clusterCommands(program, io)
  documentCommands(program, io)
  applicationCommands(program, io)
  releaseCommands(program, io)
  planCommands(program, io)
  rolloutCommands(program, io)
  historyCommands(program, io)
  moveCommands(program, io)
  kubernetesCommands(program, io)
  peopleCommands(program, io)
  roleCommands(program, io)
  providerCommands(program, io)
  tokenCommands(program, io)
  serviceAccountCommands(program, io)
  auditCommands(program, io)
  completionCommand(program, io)
  program.addHelpText(
    'after',
    `
On the server's machine also: flotilla serve, flotilla local, flotilla tour (each with --help)

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not healthy, not in time, different or not gone out, 4 not signed in or not allowed, 130 interrupted
Environment: FLOTILLA_CONTEXT, FLOTILLA_PROJECT, FLOTILLA_SERVER with FLOTILLA_TOKEN, FLOTILLA_CONFIG, NO_COLOR
`,
  )
  return program
}
