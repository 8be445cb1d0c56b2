import { Argument, type Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, output, project, several } from './options.ts'

/** Moving house. */
export function moveCommands(program: Command, io: Io): void {
  const app = () => new Argument('<app>', 'APP or PROJECT/APP')
  const commands = () => import('../commands/move.ts')
  const watch = ['--watch', 'Go on telling what it does until it has ended'] as const
  const move = program
    .command('move')
    .description('Take an application to other clusters or namespaces; what acts by itself runs in one of both at most')
  move
    .command('start', { isDefault: true })
    .addArgument(app())
    .description('Start it; flotilla move APP is the same')
    .addOption(several('--from <cluster>', 'Cluster that it leaves'))
    .addOption(several('--to <cluster>', 'Cluster that it goes to, one for each that it leaves'))
    .option('--from-namespace <name>', 'Namespace that it leaves')
    .option('--to-namespace <name>', 'Namespace that it goes to; the same when absent')
    .option('--confirm-traffic', 'Ask nobody before the old place is taken away: no requests go there')
    .option(...watch)
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'move shop/web --from west --to east',
        'move shop/web --from-namespace shop --to-namespace shop-new --watch',
        'move status shop/web',
        'move confirm shop/web',
        'move undo shop/web --reason "the queue is slow from there"',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await commands()).startMove(io, name, command.optsWithGlobals()),
    )
  move
    .command('status')
    .addArgument(app())
    .description('What its newest move did and waits for; ends with 3 when it was refused, undone or aborted')
    .option(...watch)
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['move status shop/web', 'move status shop/web --watch']))
    .action(async (name: string, _options, command: Command) =>
      (await commands()).moveStatus(io, name, command.optsWithGlobals()),
    )
  const asks = [
    ['confirm', 'confirmTraffic', 'Say that requests go to the new place: the old one is taken away'],
    ['undo', 'undo', 'Go back to the old place, from wherever the move is'],
    ['abort', 'abort', 'Leave everything as it stands, and let go of the application'],
  ] as const
  for (const [word, what, text] of asks)
    move
      .command(word)
      .addArgument(app())
      .description(text)
      .option('--reason <text>', 'Why; kept with the move')
      .option(...watch)
      .addOption(project())
      .addOption(output())
      .addHelpText('after', examples([`move ${word} shop/web`]))
      .action(async (name: string, _options, command: Command) =>
        (await commands()).askMove(io, what, name, command.optsWithGlobals()),
      )
}
