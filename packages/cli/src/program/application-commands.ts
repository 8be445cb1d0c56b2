import { Argument, type Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, output, project, several, wait } from './options.ts'

/** What an application does, and what is done with it. */
export function applicationCommands(program: Command, io: Io): void {
  const app = () => new Argument('<app>', 'APP or PROJECT/APP')
  const changes = () => import('../commands/change.ts')
  program
    .command('status')
    .addArgument(app())
    .description('What runs where and how it does; ends with 3 when not all of it is healthy')
    .option('--watch', 'Go on showing it as it changes')
    .addOption(wait())
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['status shop/web', 'status web -n shop --watch', 'status shop/web --wait 5m']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/status.ts')).status(io, name, command.optsWithGlobals()),
    )
  program
    .command('explain')
    .addArgument(app())
    .argument('<path>', 'Such as web.replicas or ingress.hosts[0].host')
    .description('Which layer set a value in a cluster, and what the others said')
    .requiredOption('-c, --cluster <name>', 'Cluster')
    .option('--component <name>', 'Component; needed when several have the value')
    .option('--namespace <name>', 'Namespace, where the project has several in the cluster')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['explain shop/web --cluster east replicas']))
    .action(async (name: string, path: string, _options, command: Command) =>
      (await import('../commands/explain.ts')).explain(io, name, path, command.optsWithGlobals()),
    )
  program
    .command('logs')
    .addArgument(app())
    .description('Log lines of all its pods in all its clusters')
    .addOption(several('--component <name>', 'Only this component'))
    .addOption(several('-c, --cluster <name>', 'Only this cluster'))
    .addOption(several('--pod <name>', 'Only this pod'))
    .option('--container <name>', 'Only this container')
    .option('-f, --follow', 'Go on with new lines and new pods')
    .option('-p, --previous', 'Of the containers before their last restart')
    .option('--tail <lines>', 'Lines per container to begin with')
    .option('--since <time>', 'Not older than this (90s, 5m, 2h)')
    .option('--timestamps', 'With the time of each line')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples(['logs shop/web -f', 'logs shop/web --component api -c east --tail 50', 'logs shop/web -p']),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/logs.ts')).logs(io, name, command.optsWithGlobals()),
    )
  const texts = {
    sync: 'Look at the sources and deliver again now, over drift and over what helm did',
    pause: 'Write nothing more to any cluster until it is resumed',
    resume: 'Deliver again after a pause',
  } as const
  for (const what of ['sync', 'pause', 'resume'] as const)
    program
      .command(what)
      .addArgument(app())
      .description(texts[what])
      .addOption(wait())
      .addOption(project())
      .addOption(output())
      .addHelpText('after', examples([`${what} shop/web`]))
      .action(async (name: string, _options, command: Command) =>
        (await changes()).change(io, what, name, command.optsWithGlobals()),
      )
  program
    .command('revert')
    .addArgument(app())
    .argument('<revision>', 'As history names it')
    .description('Want what an earlier revision wanted')
    .addOption(wait())
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['revert shop/web 4', 'revert shop/web 4 --wait 5m']))
    .action(async (name: string, to: string, _options, command: Command) =>
      (await changes()).revert(io, name, to, command.optsWithGlobals()),
    )
  program
    .command('adopt')
    .argument('<app>', 'PROJECT/APP that is to stand for it; made when it is not there')
    .description('Take over a Helm release or plain objects that already run, without a restart')
    .requiredOption('-c, --cluster <name>', 'Cluster where it runs')
    .option('--helm-release <name>', 'Helm release')
    .option(
      '--chart <where>',
      'Its chart, when it has subcharts: oci://..., a folder, a .tgz, or a name in --chart-repo',
    )
    .option('--chart-repo <url>', 'Chart repository that has it')
    .option('--chart-version <version>', 'Version of the chart, as helm list names it')
    .addOption(several('--object <kind.group/name>', 'Plain object, such as Deployment.apps/web'))
    .option('--namespace <name>', "Its namespace; the project's when absent")
    .option('--component <name>', 'Name of the component')
    .option('--dry-run', 'Say what would be taken over')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'adopt shop/web --cluster east --helm-release web',
        'adopt shop/web -c east --helm-release web --chart oci://registry.example/charts/web --chart-version 1.2.0',
        'adopt shop/old -c east --object Deployment.apps/old --dry-run',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await changes()).adopt(io, name, command.optsWithGlobals()),
    )
}
