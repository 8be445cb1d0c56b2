import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import { examples, output, project, workspace } from './options.ts'

/** What the settings of identity providers need beside their objects. */
export function providerCommands(program: Command, io: Io): void {
  const load = () => import('../commands/providers.ts')
  const provider = program
    .command('provider')
    .description('Identity providers; flotilla get identityproviders lists them, flotilla apply makes them')
    .addHelpText('after', examples(['provider secret corp --secret-stdin < secret.txt', 'provider test corp']))
  provider
    .command('secret')
    .argument('<name>')
    .description('Give it what proves Flotilla there: client secret, app secret or bind password')
    .option('--secret-stdin', 'Read it from standard input')
    .addHelpText('after', examples(['provider secret corp', 'provider secret corp --secret-stdin < secret.txt']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).setProviderSecret(io, name, command.optsWithGlobals()),
    )
  provider
    .command('test')
    .argument('<name>')
    .description('Ask it now whether people could sign in; ends with 3 when not')
    .addHelpText('after', examples(['provider test corp']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).testProvider(io, name, command.optsWithGlobals()),
    )
}

/** Accounts for programs, of a workspace, a project or the platform. */
export function serviceAccountCommands(program: Command, io: Io): void {
  const load = () => import('../commands/service-accounts.ts')
  const platform = () => new Option('--platform', 'The platform itself')
  const accounts = program
    .command('service-account')
    .description('Accounts for programs: they have API tokens and no password, and roles only where they belong')
    .addHelpText('after', examples(['service-account add builder -n shop', 'service-account list -w retail']))
  accounts
    .command('add')
    .argument('<name>')
    .description('Add one; it has no role yet')
    .addOption(project())
    .addOption(workspace())
    .addOption(platform())
    .addHelpText('after', examples(['service-account add builder -n shop']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).addServiceAccount(io, name, command.optsWithGlobals()),
    )
  accounts
    .command('list')
    .alias('ls')
    .description('List them')
    .addOption(project())
    .addOption(workspace())
    .addOption(platform())
    .addOption(output())
    .addHelpText('after', examples(['service-account list -w retail']))
    .action(async (_options, command: Command) => (await load()).listServiceAccounts(io, command.optsWithGlobals()))
  accounts
    .command('remove')
    .argument('<name>')
    .description('Remove one; its tokens open nothing from then on')
    .addHelpText('after', examples(['service-account remove builder']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).removeServiceAccount(io, name, command.optsWithGlobals()),
    )
}

/** Tokens for programs that work in somebody's name. */
export function tokenCommands(program: Command, io: Io): void {
  const load = () => import('../commands/api-tokens.ts')
  const tokens = program
    .command('api-token')
    .description('Tokens for programs that work in your name')
    .addHelpText('after', examples(['api-token create build -n shop --write', 'api-token list']))
  tokens
    .command('create')
    .argument('<name>', 'What it is for')
    .description('Make one and print it, once; it never gives more than you have when it is used')
    .addOption(project())
    .option('--for <name>', 'A service account, for who gives roles where it belongs')
    .option('--write', 'It may change things; without this it only reads')
    .option('--days <number>', 'How long it is good for, 1 to 365', '90')
    .addHelpText(
      'after',
      examples(['api-token create dashboard', 'api-token create build -n shop --write --days 30 > token.txt']),
    )
    .action(async (name: string, _options, command: Command) =>
      (await load()).createApiToken(io, name, command.optsWithGlobals()),
    )
  tokens
    .command('list')
    .alias('ls')
    .description('List them, with when they were last used')
    .option('--for <name>', 'Those of a service account, or of somebody else, for who looks after them')
    .addOption(output())
    .addHelpText('after', examples(['api-token list', 'api-token list --for builder -o json']))
    .action(async (_options, command: Command) => (await load()).listApiTokens(io, command.optsWithGlobals()))
  tokens
    .command('revoke')
    .argument('<id>')
    .description('Revoke one: it opens nothing from now on, and what it has open ends')
    .option('--for <name>', 'Of a service account, or of somebody else, for who looks after them')
    .addHelpText(
      'after',
      examples(['api-token revoke 0123456789abcdef', 'api-token revoke 0123456789abcdef --for builder']),
    )
    .action(async (id: string, _options, command: Command) =>
      (await load()).revokeApiToken(io, id, command.optsWithGlobals()),
    )
}
