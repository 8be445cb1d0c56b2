import { Argument, type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import { examples, output, project, several, severalOf } from './options.ts'

const target = 'CLUSTER or CLUSTER/NAMESPACE'
const named = () => new Argument('<rollout>', 'ROLLOUT or PROJECT/ROLLOUT')
const reason = () => new Option('--reason <text>', 'Why; it is kept').makeOptionMandatory()
const watched = (command: Command): Command =>
  command
    .option('--watch', 'Follow it until it ended; ends with 3 when it ended otherwise than wanted')
    .option('--exit-on-pause', 'End with 3, too, when it paused by itself')

/** `rollout start`, and `release start`: one thing under two names. */
export function addRolloutStart(parent: Command, io: Io, name: string): void {
  watched(
    parent
      .command('start')
      .argument('<release>', 'RELEASE or PROJECT/RELEASE')
      .description('Send a frozen release out by a plan; an impossible plan is refused at once')
      .requiredOption('--plan <name>', 'The plan')
      .addOption(several(`--target <target>`, `Only this target: ${target}`))
      .option('--name <name>', 'Its name; made of the release and a number when absent')
      .option('--reason <text>', 'Why; it is kept'),
  )
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        `${name} shop/web-3 --plan staged --watch`,
        `${name} shop/web-3 --plan staged --target east --target west`,
      ]),
    )
    .action(async (release: string, _options, command: Command) =>
      (await import('../commands/rollout-start.ts')).startRollout(io, release, command.optsWithGlobals()),
    )
}

/** Runs of releases through plans. */
export function rolloutCommands(program: Command, io: Io): void {
  const rollout = program
    .command('rollout')
    .description('Runs of releases through plans: begun, followed, steered, taken back')
    .addHelpText(
      'after',
      examples([
        'rollout start shop/web-3 --plan staged --watch',
        'rollout status shop/web-3-1 --watch',
        'rollout rollback shop/web-3-1 --reason "Orders are lost"',
      ]),
    )
  addRolloutStart(rollout, io, 'rollout start')
  rollout
    .command('list')
    .alias('ls')
    .description('List them, newest first, with what they wait for')
    .option('--app <app>', 'Of this application: APP or PROJECT/APP')
    .option('--release <name>', 'Of this release')
    .addOption(
      severalOf('--phase <phase>', 'In this phase', [
        'Pending',
        'Running',
        'Paused',
        'Succeeded',
        'Failed',
        'Aborted',
        'RolledBack',
        'RollbackFailed',
      ]),
    )
    .option('--running', 'Only those that have not ended')
    .option('--limit <number>', 'How many at most', '100')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['rollout list --running', 'rollout list --app shop/web -o json']))
    .action(async (_options, command: Command) =>
      (await import('../commands/rollout-list.ts')).listRollouts(io, command.optsWithGlobals()),
    )
  watched(
    rollout
      .command('status')
      .addArgument(named())
      .description('Stages, targets and steps, what it waits for, and how to go on; ends with 3 when it went wrong'),
  )
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples(['rollout status shop/web-3-1', 'rollout status shop/web-3-1 --watch --exit-on-pause']),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/rollout-status.ts')).rolloutStatus(io, name, command.optsWithGlobals()),
    )
  rollout
    .command('logs')
    .addArgument(named())
    .description('What a step printed, or a hook that migrates; kept when its Job is gone')
    .option('--step <name>', 'The step')
    .option('--hook <name>', 'A hook of a chart that migrates instead, in --target')
    .option('--stage <name>', 'Its stage, where several have such a step')
    .option('--target <target>', `Its target, where several have such a step: ${target}`)
    .option('--attempt <number>', 'Of this attempt; the last when absent')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'rollout logs shop/web-3-1 --stage production --step migrate',
        'rollout logs shop/web-3-1 --step smoke --target west --attempt 1',
        'rollout logs shop/web-3-1 --target west --hook migrate',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/rollout-logs.ts')).rolloutLogs(io, name, command.optsWithGlobals()),
    )
  watched(
    rollout
      .command('rollback')
      .addArgument(named())
      .description(
        'Take targets, stages or all of it back to what they had, as a new rollout; shows it first, asks on a terminal, and the application is on hold then',
      )
      .addOption(several('--target <target>', `Only this target: ${target}`))
      .addOption(several('--stage <name>', 'Only this stage'))
      .addOption(reason())
      .option('--force', 'Also past a migration that cannot be taken back, or where the application would be gone')
      .option('-y, --yes', 'Do not ask')
      .option('--name <name>', 'Its name; made up when absent'),
  )
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'rollout rollback shop/web-3-1 --reason "Orders are lost" --watch',
        'rollout rollback shop/web-3-1 --stage canary --reason "Too slow"',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/rollout-rollback.ts')).rollBack(io, name, command.optsWithGlobals()),
    )
  steeringCommands(rollout, io)
}

/** What people ask of a run. */
function steeringCommands(rollout: Command, io: Io): void {
  const load = () => import('../commands/rollout-control.ts')
  const ofStep = (command: Command): Command =>
    command
      .option('--stage <name>', 'Its stage, where several have such a step')
      .option('--target <target>', `The target, or that of the step: ${target}`)
  const last = (command: Command, lines: readonly string[]): Command =>
    command.addOption(project()).addOption(output()).addHelpText('after', examples(lines))
  const start = (name: string, text: string): Command => rollout.command(name).addArgument(named()).description(text)

  last(start('pause', 'Begin nothing new until it is resumed').option('--reason <text>', 'Why; it is kept'), [
    'rollout pause shop/web-3-1 --reason "Looking at errors"',
  ]).action(async (name: string, _options, command: Command) =>
    (await load()).pauseRollout(io, name, command.optsWithGlobals()),
  )
  last(start('resume', 'Go on: after a pause, or past targets that failed and times that are over; not past a step'), [
    'rollout resume shop/web-3-1',
  ]).action(async (name: string, _options, command: Command) =>
    (await load()).resumeRollout(io, name, command.optsWithGlobals()),
  )
  last(start('abort', 'Let end what has begun, and begin nothing more; what was changed stays').addOption(reason()), [
    'rollout abort shop/web-3-1 --reason "Superseded by web-4"',
  ]).action(async (name: string, _options, command: Command) =>
    (await load()).abortRollout(io, name, command.optsWithGlobals()),
  )
  last(
    start('retry', 'Try failed targets, or failed steps of a stage, again')
      .option('--target <target>', `Only this target: ${target}`)
      .option('--stage <name>', 'Only in this stage'),
    ['rollout retry shop/web-3-1 --target west', 'rollout retry shop/web-3-1 --stage canary'],
  ).action(async (name: string, _options, command: Command) =>
    (await load()).retryRollout(io, name, command.optsWithGlobals()),
  )
  last(
    ofStep(start('skip', 'Go on without a target or a step'))
      .option('--step <name>', 'The step; without it the target is left out')
      .addOption(reason()),
    [
      'rollout skip shop/web-3-1 --target west --reason "Being rebuilt"',
      'rollout skip shop/web-3-1 --stage canary --step smoke --reason "Done by hand"',
    ],
  ).action(async (name: string, _options, command: Command) =>
    (await load()).skipOfRollout(io, name, command.optsWithGlobals()),
  )
  last(
    ofStep(start('resolve', 'Say how a step ended that nobody could tell; look before you say'))
      .option('--step <name>', 'The step')
      .option('--hook <name>', 'A hook of a chart instead, in --target')
      .addOption(
        new Option('--outcome <outcome>', 'How it ended').choices(['Succeeded', 'Failed']).makeOptionMandatory(),
      )
      .addOption(reason()),
    [
      'rollout resolve shop/web-3-1 --step migrate --outcome Succeeded --reason "The table has the column"',
      'rollout resolve shop/web-3-1 --target west --hook migrate --outcome Failed --reason "The table lacks the column"',
    ],
  ).action(async (name: string, _options, command: Command) =>
    (await load()).resolveStep(io, name, command.optsWithGlobals()),
  )
}
