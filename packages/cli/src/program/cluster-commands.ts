import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, objects, output, several } from './options.ts'

/** Clusters of the fleet. */
export function clusterCommands(program: Command, io: Io): void {
  const load = () => import('../commands/cluster.ts')
  const cluster = program
    .command('cluster')
    .description('Clusters of the fleet')
    .addHelpText(
      'after',
      examples([
        'cluster add east --kubeconfig east.yaml --label region=eu',
        'cluster list',
        'cluster show east',
        'cluster label east region=eu edge-',
        'cluster remove east --objects keep',
      ]),
    )
  cluster
    .command('add')
    .argument('<name>', 'What to call it')
    .description(
      'Add a cluster. Files that the kubeconfig names are read here, and a program that it runs is run here after you agreed; the server gets neither',
    )
    .option('--kubeconfig <file>', 'Your kubeconfig (or KUBECONFIG); - for standard input')
    .option('--kube-context <context>', 'Context of the kubeconfig; its current one when absent')
    .addOption(several('-l, --label <key=value>', 'Label of the cluster'))
    .option('--display-name <text>', 'Name for people')
    .option('--edge', 'An edge site: being offline is expected')
    .option('-y, --yes', 'Agree to run the program that the kubeconfig names')
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'cluster add east --kubeconfig east.yaml',
        'cluster add shop-7 --kube-context shop-7 --edge -l region=north',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await load()).addCluster(io, name, command.optsWithGlobals()),
    )
  cluster
    .command('list')
    .alias('ls')
    .description('List the clusters')
    .option('-q, --query <text>', 'Part of a name, label or version')
    .addOption(output())
    .addHelpText('after', examples(['cluster list', 'cluster list -q region=eu -o json']))
    .action(async (_options, command: Command) => (await load()).listClusters(io, command.optsWithGlobals()))
  cluster
    .command('show')
    .argument('<name>')
    .description('One cluster with its capacity; ends with 3 while it is lost')
    .addOption(output())
    .addHelpText('after', examples(['cluster show east']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).showCluster(io, name, command.optsWithGlobals()),
    )
  cluster
    .command('label')
    .argument('<name>')
    .argument('<labels...>', 'KEY=VALUE, or KEY- to take one away')
    .description('Change the labels that select it')
    .addOption(output())
    .addHelpText('after', examples(['cluster label east region=eu tier=gold', 'cluster label east tier-']))
    .action(async (name: string, labels: string[], _options, command: Command) =>
      (await load()).labelCluster(io, name, labels, command.optsWithGlobals()),
    )
  cluster
    .command('remove')
    .argument('<name>')
    .description('Take a cluster out of the fleet; never waits for one that is cut off')
    .addOption(objects())
    .addOption(output())
    .addHelpText('after', examples(['cluster remove east --objects keep', 'cluster remove east --objects delete']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).removeCluster(io, name, command.optsWithGlobals()),
    )
}
