import { Argument, type Command } from 'commander'
import type { Io } from '../io.ts'
import { examples } from './options.ts'

/** For shells. */
export function completionCommand(program: Command, io: Io): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('Print the completion of a shell')
    .addHelpText(
      'after',
      examples([
        'completion bash > /etc/bash_completion.d/flotilla',
        'completion fish > ~/.config/fish/completions/flotilla.fish',
      ]),
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      io.out((await import('../commands/completion.ts')).completionScript(shell))
    })
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const { complete } = await import('../commands/completion.ts')
      io.out((await complete(io, program, words)).map((word) => `${word}\n`).join(''))
    })
}
