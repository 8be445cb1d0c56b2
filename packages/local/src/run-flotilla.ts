import { runCommand, type CommandResult } from './run-command.ts'

/** The program and first arguments that run `flotilla`, as ensureProgram found it, with this very Node; options as in bin/flotilla. */
export const flotillaCommand = (program: string): string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=4',
  program,
]

/**
 * Runs a command of the CLI as a person would. The fleet only starts and asks the platform; it shares no code with it,
 * so what `make up` shows is what everybody gets.
 */
export function runFlotilla(
  args: readonly string[],
  options: { program: string; config: string; input?: string | undefined; signal?: AbortSignal | undefined },
): Promise<CommandResult> {
  // without those variables a person's own sign-in would be used, or changed
  const { FLOTILLA_SERVER: _server, FLOTILLA_TOKEN: _token, FLOTILLA_CONTEXT: _context, ...env } = process.env
  return runCommand([...flotillaCommand(options.program), ...args], {
    env: { ...env, FLOTILLA_CONFIG: options.config },
    input: options.input,
    signal: options.signal,
  })
}
