import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { exitCodes } from './exit.ts'
import { type Io, processIo } from './io.ts'

const version = '0.1.0'

/** Runs one command of a person; gives the exit code. `argv` is without the program's name. */
export async function runCli(argv: readonly string[], given?: Io): Promise<number> {
  if (given === undefined)
    enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'flotilla', 'compiled'))
  const interrupt = new AbortController()
  const stop = () => interrupt.abort(new Error('interrupted'))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  if (given === undefined) endWithPipe()
  const io = given ?? processIo(interrupt.signal)
  try {
    const { buildProgram } = await import('./program.ts')
    const program = buildProgram(io, version)
    if (argv.length === 0) {
      io.err(program.helpInformation())
      return exitCodes.usage
    }
    await program.parseAsync(argv, { from: 'user' })
    return exitCodes.ok
  } catch (thrown) {
    const { CommanderError } = await import('commander')
    // it has said what is wrong; help and version are no error
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const { printError } = await import('./print/print-error.ts')
    return printError(io, thrown)
  } finally {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
  }
}

/** `flotilla logs ... | head` ends quietly when head has had enough. */
function endWithPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok)
    throw error
  })
}
