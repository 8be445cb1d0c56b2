import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import { examples, objects, output, several } from './options.ts'

/** Clusters of the fleet. */
export function clusterCommands(program: Command, io: Io): void {
  const load = () => import('../commands/cluster.ts')
  const loadAgent = () => import('../commands/agent-cluster.ts')
  const print = () =>
    new Option(
      '--print <form>',
      'command: to run where kubectl reaches the cluster; manifest: the YAML that it applies; values: for the chart flotilla-agent',
    )
      .choices(['command', 'manifest', 'values'])
      .default('command')
  const cluster = program
    .command('cluster')
    .description('Clusters of the fleet')
    .addHelpText(
      'after',
      examples([
        'cluster add east --kubeconfig east.yaml --label region=eu',
        'cluster add shop-7 --agent',
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
      'Add a cluster: by its kubeconfig, or with --agent by one command that is run in it, where it cannot be dialled. Files that the kubeconfig names are read here, and a program that it runs is run here after you agreed; the server gets neither',
    )
    .option('--kubeconfig <file>', 'Your kubeconfig (or KUBECONFIG); - for standard input')
    .option('--kube-context <context>', 'Context of the kubeconfig; its current one when absent')
    .addOption(several('-l, --label <key=value>', 'Label of the cluster'))
    .option('--display-name <text>', 'Name for people')
    .option('--edge', 'An edge site: being offline is expected')
    .option('--agent', 'Print what starts an agent in the cluster, which dials the server, and wait for it')
    .addOption(print())
    .option('--image <image>', 'With --agent: where the image is, when the usual one cannot be pulled')
    .option('--no-wait', 'With --agent: print the command and do not wait until it has connected')
    .option('-y, --yes', 'Agree to run the program that the kubeconfig names')
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'cluster add east --kubeconfig east.yaml',
        'cluster add shop-7 --kube-context shop-7 --edge -l region=north',
        'cluster add shop-8 --agent --edge',
        'cluster add shop-9 --agent --print manifest | kubectl --context shop-9 apply -f -',
      ]),
    )
    .action(async (name: string, { agent }: { agent?: true }, command: Command) =>
      agent === true
        ? (await loadAgent()).addAgentCluster(io, name, command.optsWithGlobals())
        : (await load()).addCluster(io, name, command.optsWithGlobals()),
    )
  cluster
    .command('token')
    .argument('<name>')
    .description('What starts the agent of a cluster anew, with a token of its own; or another token for a running one')
    .addOption(print())
    .option('--image <image>', 'Where the image is, when the usual one cannot be pulled')
    .option('--rotate', 'Give the connected agent another token; the one before ends with its first use')
    .option('--revoke', 'End every token of the agent, and its connection')
    .addHelpText(
      'after',
      examples(['cluster token shop-8', 'cluster token shop-8 --rotate', 'cluster token shop-8 --revoke']),
    )
    .action(async (name: string, _options, command: Command) =>
      (await loadAgent()).tokenOfCluster(io, name, command.optsWithGlobals()),
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
    .command('check-network')
    .argument('<name>')
    .description('Measure with pods whether it enforces network policies; ends with 3 while it does not')
    .addOption(output())
    .addHelpText('after', examples(['cluster check-network east']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/check-network.ts')).checkNetwork(io, name, command.optsWithGlobals()),
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
