import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, output } from './options.ts'

/** Who somebody is, and at which server. */
export function sessionCommands(program: Command, io: Io): void {
  program
    .command('login')
    .argument('<url>', 'Address of the server')
    .description('Sign in to a server; the token is kept in your configuration folder, readable by you only')
    .option('-u, --username <name>', 'Your name; asked when absent')
    .option('--password-stdin', 'Read the password from standard input')
    .option('--browser', 'Sign in with the browser of this machine, by whatever way you sign in there')
    .option('--token-stdin', 'Work with an API token instead, read from standard input')
    .option('--provider <name>', 'The directory that knows you, where it is not Flotilla itself')
    .option('--name <context>', 'What to call this server; its host when absent')
    .option('--ca <file>', 'Certificate of the authority that signed the server')
    .option('--allow-http', 'Let the password go unencrypted to another machine')
    .addHelpText(
      'after',
      examples([
        'login https://flotilla.example',
        'login https://flotilla.example -u dora --password-stdin < password.txt',
        'login https://flotilla.example --browser',
        'login https://flotilla.example --token-stdin < token.txt',
        'login https://10.0.0.5:8443 --ca ca.crt --name lab',
      ]),
    )
    .action(async (url: string, options) => (await import('../commands/session.ts')).login(io, url, options))
  program
    .command('logout')
    .description('End the session and forget its token')
    .addHelpText('after', examples(['logout', '--context lab logout']))
    .action(async (_options, command: Command) =>
      (await import('../commands/session.ts')).logout(io, command.optsWithGlobals()),
    )
  program
    .command('whoami')
    .description('Who you are there, and your roles')
    .addOption(output())
    .addHelpText('after', examples(['whoami', 'whoami -o json']))
    .action(async (_options, command: Command) =>
      (await import('../commands/session.ts')).whoami(io, command.optsWithGlobals()),
    )
  program
    .command('passwd')
    .description('Change your password')
    .addHelpText('after', examples(['passwd']))
    .action(async (_options, command: Command) =>
      (await import('../commands/session.ts')).passwd(io, command.optsWithGlobals()),
    )
  const context = program
    .command('context')
    .description('Servers that you signed in to')
    .addHelpText('after', examples(['context list', 'context use lab']))
  context
    .command('list')
    .description('List them; * is the current one')
    .action(async () => (await import('../commands/session.ts')).listContexts(io))
  context
    .command('use')
    .argument('<name>')
    .description('Make one the current one')
    .action(async (name: string) => (await import('../commands/session.ts')).useContext(io, name))
}
