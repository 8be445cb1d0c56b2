import { Argument, type Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, output, project } from './options.ts'

/** How releases go out. */
export function planCommands(program: Command, io: Io): void {
  const named = () => new Argument('<plan>', 'PLAN or PROJECT/PLAN')
  const plan = program
    .command('plan')
    .description('How releases go out: stages, steps, approvals; flotilla apply writes them')
    .addHelpText('after', examples(['plan list -n shop', 'plan show shop/staged', 'apply -f plan.yaml']))
  plan
    .command('list')
    .alias('ls')
    .description('List them, with their stages')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['plan list -n shop']))
    .action(async (_options, command: Command) =>
      (await import('../commands/plan-list.ts')).listPlans(io, command.optsWithGlobals()),
    )
  plan
    .command('show')
    .addArgument(named())
    .description('One as its stages and steps, in their order; with -o yaml its document')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['plan show shop/staged', 'plan show shop/staged -o yaml > plan.yaml']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/plan-show.ts')).showPlan(io, name, command.optsWithGlobals()),
    )
  plan
    .command('check')
    .addArgument(named())
    .description('What starting a release with it would say; nothing is written. Ends with 3 when it would be refused')
    .requiredOption('--release <name>', 'The release')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['plan check shop/staged --release web-3']))
    .action(async (name: string, _options, command: Command) =>
      (await import('../commands/plan-check.ts')).checkPlan(io, name, command.optsWithGlobals()),
    )
}
