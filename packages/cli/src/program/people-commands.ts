import { type Command, Option } from 'commander'
import { NotAsWanted } from '../exit.ts'
import type { Io } from '../io.ts'
import { examples, output, project, workspace } from './options.ts'

/** People, and which role they have where. */
export function peopleCommands(program: Command, io: Io): void {
  const load = () => import('../commands/people.ts')
  const people = program
    .command('people')
    .description('People who may sign in')
    .addHelpText('after', examples(['people list', 'people add dora --email dora@example.com', 'people disable dora']))
  people
    .command('list')
    .alias('ls')
    .description('List them with their roles')
    .option('-q, --query <text>', 'Part of a name, display name or address')
    .addOption(output())
    .addHelpText('after', examples(['people list', 'people list -q retail -o json']))
    .action(async (_options, command: Command) => (await load()).listPeople(io, command.optsWithGlobals()))
  people
    .command('add')
    .argument('<name>', 'Name to sign in with')
    .description('Add a person; their first password is generated, and shown once')
    .option('--display-name <text>', 'Name for people')
    .option('--email <address>', 'Address of theirs')
    .addHelpText(
      'after',
      examples(['people add dora', 'people add dora --display-name "Dora Lin" --email dora@example.com']),
    )
    .action(async (name: string, _options, command: Command) =>
      (await load()).addPerson(io, name, command.optsWithGlobals()),
    )
  people
    .command('password')
    .argument('<name>')
    .description('Give a person a new password, generated and shown once; their sessions end')
    .option('--password-stdin', 'Read it from standard input instead; it need not be changed then')
    .addHelpText('after', examples(['people password dora', 'people password robot --password-stdin < password.txt']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).setPassword(io, name, command.optsWithGlobals()),
    )
  for (const [verb, disabled, what] of [
    ['disable', true, 'Keep a person out; what they have open ends within seconds'],
    ['enable', false, 'Let them in again'],
  ] as const)
    people
      .command(verb)
      .argument('<name>')
      .description(what)
      .addHelpText('after', examples([`people ${verb} dora`]))
      .action(async (name: string, _options, command: Command) =>
        (await load()).setDisabled(io, name, disabled, command.optsWithGlobals()),
      )
  memberCommands(program, io)
  program
    .command('quota')
    .description('What a project or a workspace may use, what of it is given and used, and what is left')
    .addOption(project())
    .addOption(workspace())
    .addOption(output())
    .addHelpText('after', examples(['quota -w retail', 'quota -n shop', 'quota -n shop -o json']))
    .action(async (_options, command: Command) =>
      (await import('../commands/quota.ts')).showQuota(io, command.optsWithGlobals()),
    )
  program
    .command('can-i')
    .argument('<verb>', 'get, list, create, patch, delete ...')
    .argument('<resource>', 'Plural, such as applications, pods or deployments.apps')
    .description('Ask what you, or somebody else, may do; ends with 3 when the answer is no')
    .addOption(project())
    .addOption(workspace())
    .option('-c, --cluster <name>', 'Ask this member, in the namespace of the project there')
    .option('--as <name>', 'Ask about this person; for who gives roles there')
    .addHelpText(
      'after',
      examples([
        'can-i create applications -n shop',
        'can-i delete pods -n shop -c east --as dora',
        'can-i create projects -w retail',
      ]),
    )
    .action(async (verb: string, resource: string, _options, command: Command) => {
      if (!(await (await load()).canDo(io, verb, resource, command.optsWithGlobals()))) throw new NotAsWanted('')
    })
}

function memberCommands(program: Command, io: Io): void {
  const load = () => import('../commands/members.ts')
  const platform = () => new Option('--platform', 'The platform itself')
  const provider = () => new Option('--provider <provider>', '<name> is a group of this identity provider')
  const member = program
    .command('member')
    .description('Who has which role in a project, a workspace or the platform')
    .addHelpText(
      'after',
      examples(['member list -w retail', 'member add dora developer -w retail', 'member remove dora -w retail']),
    )
  member
    .command('list')
    .alias('ls')
    .description('List them, with those whose role comes from the workspace or the platform')
    .addOption(project())
    .addOption(workspace())
    .addOption(platform())
    .addOption(output())
    .addHelpText('after', examples(['member list -n shop', 'member list --platform -o json']))
    .action(async (_options, command: Command) => (await load()).listMembers(io, command.optsWithGlobals()))
  member
    .command('add')
    .argument('<name>')
    .argument(
      '<role>',
      'admin, developer or viewer; in a project also operator; in the platform admin or viewer; or one of flotilla role list',
    )
    .description('Give somebody a role')
    .addOption(project())
    .addOption(workspace())
    .addOption(platform())
    .addHelpText(
      'after',
      examples([
        'member add dora developer -w retail',
        'member add otto operator -n shop',
        'member add ada viewer --platform',
        'member add retail-developers developer -w retail --provider corp',
      ]),
    )
    .addOption(provider())
    .action(async (name: string, role: string, _options, command: Command) => {
      const options = command.optsWithGlobals()
      const { addGroup, addMember } = await load()
      await (options['provider'] === undefined
        ? addMember(io, name, role, options)
        : addGroup(io, name, role, { ...options, provider: String(options['provider']) }))
    })
  member
    .command('remove')
    .argument('<name>')
    .description('Take the roles away that somebody has in that very place')
    .addOption(project())
    .addOption(workspace())
    .addOption(platform())
    .addHelpText('after', examples(['member remove dora -w retail']))
    .addOption(provider())
    .action(async (name: string, _options, command: Command) => {
      const options = command.optsWithGlobals()
      const { removeGroup, removeMember } = await load()
      await (options['provider'] === undefined
        ? removeMember(io, name, options)
        : removeGroup(io, name, { ...options, provider: String(options['provider']) }))
    })
}
