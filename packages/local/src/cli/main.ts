import { createLocalProgram } from './program.ts'

/** Runs `flotilla local ...`; the answer is the exit code. */
export async function runLocal(argv: readonly string[]): Promise<number> {
  const { asFlotillaError } = await import('@flotilla/model')
  const abort = new AbortController()
  const onSignal = () => abort.abort(new Error('interrupted'))
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    await createLocalProgram(abort.signal).parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    if (abort.signal.aborted) {
      process.stderr.write('Interrupted; what was started has been stopped.\n')
      return 130
    }
    const error = asFlotillaError(thrown)
    process.stderr.write(`flotilla: ${error.message}\n`)
    if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`)
    if (process.env['FLOTILLA_DEBUG'] !== undefined && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
    return error.next === 'reject' ? 2 : 1
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
