import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, several } from './options.ts'

/** Plain kubectl, helm and k9s on every cluster of the fleet. */
export function kubernetesCommands(program: Command, io: Io): void {
  program
    .command('kubeconfig')
    .description(
      'Write contexts for kubectl, helm and k9s: every cluster that you reach, with your own rights, through this one server',
    )
    .option('-f, --file <file>', 'Kubeconfig to add them to (KUBECONFIG, or ~/.kube/config); - prints a new one')
    .option('--prefix <text>', 'What the names of the contexts begin with', 'flotilla-')
    .addOption(several('--cluster <name>', 'Only this cluster'))
    .addHelpText(
      'after',
      `${examples(['kubeconfig', 'kubeconfig --cluster east --file east.yaml', 'kubeconfig --prefix "" -f - > fleet.yaml'])}
  kubectl --context flotilla-east get pods
  kubectl --context flotilla get applications       the server's own host cluster

The file holds no token: kubectl runs "flotilla token" when it needs one. Run it again when clusters came or went.
`,
    )
    .action(async (_options, command: Command) =>
      (await import('../commands/kubeconfig.ts')).kubeconfig(io, command.optsWithGlobals()),
    )
  program
    .command('token')
    .description('Print a short-lived token for kubectl, as an ExecCredential; kubectl runs this by itself')
    .addHelpText('after', examples(['token']))
    .action(async (_options, command: Command) =>
      (await import('../commands/token.ts')).token(io, command.optsWithGlobals()),
    )
}
