import { type Command, Option } from 'commander'
import { NotAsWanted } from '../exit.ts'
import type { Io } from '../io.ts'
import { examples, output, several } from './options.ts'

/** Who did what. */
export function auditCommands(program: Command, io: Io): void {
  const load = () => import('../commands/audit.ts')
  const audit = program
    .command('audit')
    .description('Who did what, when and where')
    .addHelpText(
      'after',
      examples([
        'audit --since 1h --person ana -o json',
        'audit --project shop --verb applications. --result failed',
        'audit verify',
        'audit export --since 30d > audit.jsonl',
      ]),
    )
  filtered(audit.command('list', { isDefault: true }))
    .alias('ls')
    .description('Print it, newest first')
    .option('--limit <number>', 'How many at most', '100')
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'audit list --since 1h',
        'audit list --cluster east --verb exec',
        'audit list --result denied -o yaml',
      ]),
    )
    .action(async (_options, command: Command) => (await load()).listAudit(io, command.optsWithGlobals()))
  filtered(audit.command('export'))
    .description('Write it whole, oldest first, as one JSON document per line')
    .addHelpText('after', examples(['audit export > audit.jsonl', 'audit export --since 30d --project shop']))
    .action(async (_options, command: Command) => (await load()).exportAudit(io, command.optsWithGlobals()))
  audit
    .command('recording <id>')
    .description('Write what a recorded shell showed, as asciicast v2; the audit record of the exec has its id')
    .addHelpText(
      'after',
      examples(['audit --verb exec -o json', 'audit recording 6e2a4c1e-8d0f-4a57-9b3c-2f1d7c5e9a10 > shell.cast']),
    )
    .action(async (id: string, _options, command: Command) =>
      (await load()).writeRecording(io, id, command.optsWithGlobals()),
    )
  audit
    .command('verify')
    .description('Compute the chain again and hold it against its anchors; ends with 3 when something was changed')
    .addOption(output())
    .addHelpText('after', examples(['audit verify', 'audit verify -o json']))
    .action(async (_options, command: Command) => {
      if (!(await (await load()).verifyAudit(io, command.optsWithGlobals()))) throw new NotAsWanted('')
    })
}

function filtered(command: Command): Command {
  return command
    .option('--since <time>', 'From then on: 90s, 15m, 2h, 30d, or a time such as 2026-01-31T08:00:00Z')
    .option('--until <time>', 'Up to then, written the same way')
    .option('--person <name>', 'Who did it')
    .addOption(several('--verb <verb>', 'What was done; with a dot at its end, all that begin so: applications.'))
    .addOption(several('--kind <kind>', 'Of what: Application, pods/exec'))
    .addOption(several('--cluster <cluster>', 'In which cluster'))
    .addOption(several('-w, --workspace <workspace>', 'In which workspace'))
    .addOption(several('-n, --project <project>', 'In which project'))
    .option('--name <name>', 'Name of the object')
    .addOption(new Option('--result <result>', 'How it went').choices(['begun', 'allowed', 'denied', 'failed']))
    .addOption(
      new Option('--source <source>', 'Where it came in').choices(['api', 'kubernetes', 'controller', 'audit']),
    )
}
