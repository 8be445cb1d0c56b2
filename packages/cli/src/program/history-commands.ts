import { Argument, type Command, Option } from 'commander'
import { UsageError } from '../exit.ts'
import type { HistoryRanOptions } from '../commands/history-ran.ts'
import type { Io } from '../io.ts'
import { examples, output, project } from './options.ts'

const ofWhatRan = ['app', 'cluster', 'component', 'image', 'release', 'at', 'running', 'export'] as const

/** What was wanted over time, what ran, and where an image runs. */
export function historyCommands(program: Command, io: Io): void {
  program
    .command('history')
    .addArgument(new Argument('[app]', 'APP or PROJECT/APP: what was wanted of it. Absent: what ran'))
    .description('What was wanted of an application over time; without one, what ran where, by which release')
    .option('--app <app>', 'What ran of this application: APP or PROJECT/APP')
    .option('-c, --cluster <name>', 'What ran in this cluster')
    .option('--component <name>', 'What ran of this component')
    .option('--image <image>', 'What ran with this image: repository, with tag or digest if wanted')
    .option('--release <name>', 'What came with this release')
    .option('--at <time>', 'What ran then: 2h or 30d ago, or at a time such as 2026-01-31T08:00:00Z')
    .option('--running', 'What runs now')
    .option('--export <file>', 'Write all of what ran to a file as one JSON document per line; - is standard output')
    .option('--limit <count>', 'How many; 20 revisions, or 100 of what ran, when absent')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'history shop/web',
        'history --app shop/web --cluster east',
        'history --image nginx --at 30d',
        'history -n shop --export shop.jsonl',
      ]),
    )
    .action(async (app: string | undefined, _options, command: Command) => {
      const options: HistoryRanOptions = command.optsWithGlobals()
      if (app === undefined) return await (await import('../commands/history-ran.ts')).historyRan(io, options)
      const given = ofWhatRan.find((name) => options[name] !== undefined)
      if (given !== undefined)
        throw new UsageError(
          `flotilla history ${app} is what was wanted of it, and takes no --${given}; what ran is flotilla history --app ${app} --${given} ...`,
        )
      return await (await import('../commands/change.ts')).history(io, app, { limit: '20', ...options })
    })
  program
    .command('where')
    .argument('<image>', 'Repository, with tag or digest if wanted')
    .description('Which clusters run an image now')
    .addOption(output())
    .addHelpText('after', examples(['where nginx', 'where registry.example/shop/web:1.4.2 -o json']))
    .action(async (image: string, _options, command: Command) =>
      (await import('../commands/where-image.ts')).whereImage(io, image, command.optsWithGlobals()),
    )
  const hook = program
    .command('hook')
    .description('Hooks of charts that migrate')
    .addHelpText('after', examples(['hook resolve shop/web --outcome Succeeded --reason "The column is there"']))
  hook
    .command('resolve')
    .argument('<app>', 'APP or PROJECT/APP')
    .description('Say how one ended that nobody could tell; look before you say. It is delivered again then')
    .option('--target <target>', 'Where it ran, if several wait: CLUSTER or CLUSTER/NAMESPACE')
    .option('--hook <name>', 'Its name, if several wait')
    .addOption(new Option('--outcome <outcome>', 'How it ended').choices(['Succeeded', 'Failed']).makeOptionMandatory())
    .requiredOption('--reason <text>', 'How you know; it is kept')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['hook resolve shop/web --target west --outcome Failed --reason "No such column"']))
    .action(async (app: string, _options, command: Command) =>
      (await import('../commands/hook-resolve.ts')).resolveHook(io, app, command.optsWithGlobals()),
    )
  const hold = program
    .command('hold')
    .description('What keeps releases of an application from going out, since a rollback')
    .addHelpText('after', examples(['hold lift shop/web']))
  hold
    .command('lift')
    .argument('<app>', 'APP or PROJECT/APP')
    .description('Let releases of it go out again after a rollback')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['hold lift shop/web']))
    .action(async (app: string, _options, command: Command) =>
      (await import('../commands/hold-lift.ts')).liftHold(io, app, command.optsWithGlobals()),
    )
}
