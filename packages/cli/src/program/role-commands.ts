import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import { examples, output, project, several, workspace } from './options.ts'

/** Roles of a place: the built-in ones, and those that its administrators make. */
export function roleCommands(program: Command, io: Io): void {
  const load = () => import('../commands/roles.ts')
  const role = program
    .command('role')
    .description('Roles of a project, a workspace or the platform, and what each may do')
    .addHelpText(
      'after',
      examples(['role list -n shop', 'role set releaser -n shop --grant applications.release --grant pods.logs']),
    )
  const inPlace = (command: Command): Command =>
    command.addOption(project()).addOption(workspace()).addOption(new Option('--platform', 'The platform itself'))
  inPlace(role.command('list').alias('ls').description('List them, with how many have each'))
    .addOption(output())
    .addHelpText('after', examples(['role list -n shop', 'role list --platform -o json']))
    .action(async (_options, command: Command) => (await load()).listRoles(io, command.optsWithGlobals()))
  inPlace(role.command('show').argument('<name>').description('What one may do, and who has it'))
    .addOption(output())
    .addHelpText('after', examples(['role show developer -w retail', 'role show releaser -n shop']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).showRole(io, name, command.optsWithGlobals()),
    )
  inPlace(role.command('grants').description('What a role there may be made of'))
    .addOption(output())
    .addHelpText('after', examples(['role grants -n shop']))
    .action(async (_options, command: Command) => (await load()).listRoleGrants(io, command.optsWithGlobals()))
  inPlace(role.command('set').argument('<name>').description('Make a role, or change what it may do'))
    .addOption(several('--grant <grant>', 'What it may do, such as pods.logs'))
    .option('--rules <file>', "Rules of Kubernetes' RBAC in YAML beside them, in the clusters; - is standard input")
    .option('--display-name <text>', 'Name for people')
    .option('--description <text>', 'What it is for')
    .addHelpText(
      'after',
      examples([
        'role set releaser -n shop --grant applications.see --grant applications.release --grant pods.logs',
        'role set tuner -w retail --grant workloads.see --rules rules.yaml --description "Scales at night"',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await load()).setRole(io, name, command.optsWithGlobals()),
    )
  inPlace(role.command('remove').argument('<name>').description('Remove one that nobody has'))
    .addHelpText('after', examples(['role remove releaser -n shop']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).removeRole(io, name, command.optsWithGlobals()),
    )
}
