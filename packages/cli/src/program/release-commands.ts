import { Argument, type Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, frozenWait, output, project, several, severalOf } from './options.ts'
import { addRolloutStart } from './rollout-commands.ts'

/** Sets of versions that go out together: made, compared, frozen, approved. */
export function releaseCommands(program: Command, io: Io): void {
  const named = () => new Argument('<release>', 'RELEASE or PROJECT/RELEASE')
  const release = program
    .command('release')
    .description('Sets of versions that go out together, with exactly what they change')
    .addHelpText(
      'after',
      examples([
        'release create shop/web --set web=1.5.0 --freeze --wait',
        'release diff shop/web-3',
        'release start shop/web-3 --plan staged --watch',
      ]),
    )
  release
    .command('create')
    .argument('<app>', 'APP or PROJECT/APP')
    .description('Draft one from chosen versions, or from what a target runs; what is not chosen stays as it is')
    .addOption(several('--set <component=version>', 'Version of a component: chart version, tag, commit, digest'))
    .addOption(several('--image <component/image=ref>', 'Image of a component, by its name as it is rendered'))
    .option('--from <environment>', 'Take the versions that this environment runs now, such as staging')
    .option('--from-cluster <target>', 'Take those of this target: CLUSTER or CLUSTER/NAMESPACE')
    .option('--name <name>', 'Its name; made of the application and a number when absent')
    .option('--title <text>', 'One line for people')
    .option('--note <text>', 'More for people')
    .addOption(several('--ticket <ticket>', 'Number or address of a ticket'))
    .option('--freeze', 'Freeze it at once')
    .addOption(frozenWait())
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'release create shop/web --set web=1.5.0 --title "The new basket" --ticket SHOP-12',
        'release create shop/web --image web/nginx=nginx:1.29 --freeze --wait',
        'release create shop/web --from staging',
      ]),
    )
    .action(async (app: string, _options, command: Command) =>
      (await import('../commands/release-create.ts')).createRelease(io, app, command.optsWithGlobals()),
    )
  release
    .command('list')
    .alias('ls')
    .description('List them, newest first')
    .option('--app <app>', 'Of this application: APP or PROJECT/APP')
    .addOption(
      severalOf('--phase <phase>', 'In this phase', [
        'Draft',
        'Frozen',
        'Rolling',
        'Active',
        'Superseded',
        'RolledBack',
        'Rejected',
      ]),
    )
    .option('-q, --query <text>', 'Part of a name, title, ticket or application')
    .option('--limit <number>', 'How many at most', '100')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['release list --app shop/web', 'release list -n shop --phase Frozen -o json']))
    .action(async (_options, command: Command) =>
      (await import('../commands/release-list.ts')).listReleases(io, command.optsWithGlobals()),
    )
  release
    .command('show')
    .addArgument(named())
    .description('What it is made of, its targets, who approved it, how it went out')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['release show shop/web-3', 'release show web-3 -n shop -o json']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/release-show.ts')).showRelease(io, name, command.optsWithGlobals()),
    )
  release
    .command('diff')
    .addArgument(named())
    .argument('[other-release]', 'Another: what it changes against the first')
    .description('What it would change in each target against what ran there; secrets are masked')
    .addOption(several('-c, --cluster <name>', 'Only in this cluster'))
    .option('--namespace <name>', 'Only in this namespace of it')
    .addOption(several('--component <name>', 'Only this component'))
    .option('--stat', 'Only how many objects, per target')
    .option('--exit-code', 'End with 3 when something differs')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'release diff shop/web-3',
        'release diff shop/web-3 --cluster east',
        'release diff shop/web-2 web-3 --stat',
      ]),
    )
    .action(async (name: string, other: string | undefined, _options, command: Command) =>
      (await import('../commands/release-diff.ts')).diffRelease(io, name, other, command.optsWithGlobals()),
    )
  release
    .command('freeze')
    .addArgument(named())
    .description('Render it for every target, once; it never changes again')
    .addOption(frozenWait())
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['release freeze shop/web-3', 'release freeze shop/web-3 --wait']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/release-freeze.ts')).freezeRelease(io, name, command.optsWithGlobals()),
    )
  release
    .command('reject')
    .addArgument(named())
    .description('Say that it never goes out')
    .requiredOption('--reason <text>', 'Why')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['release reject shop/web-3 --reason "The basket loses items"']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/release-reject.ts')).rejectRelease(io, name, command.optsWithGlobals()),
    )
  addRolloutStart(release, io, 'release start')
  program
    .command('approve')
    .addArgument(named())
    .description('Say yes, or no, to exactly what a release changes; shows it first and asks')
    .option('--rollout <name>', 'Its rollout that waits; the newest when absent')
    .option('--stage <name>', 'Stage of the step')
    .option('--step <name>', 'Only this approval step; the one that is waited at when absent')
    .option('--note <text>', 'What to keep with it')
    .option('--reject', 'Say no')
    .option('--digest <digest>', 'What you looked at: refused when it is something else by now')
    .option('-y, --yes', 'Do not ask')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'approve shop/web-3',
        'approve shop/web-3 --rollout web-3-1 --stage production --step go --note "Tested with SHOP-12"',
        'approve shop/web-3 --reject --note "Not before Monday"',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/approve.ts')).approve(io, name, command.optsWithGlobals()),
    )
}
