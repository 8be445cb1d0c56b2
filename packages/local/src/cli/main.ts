import { asFlotillaError } from '@flotilla/model'
import { isRoot, runAgainAsRoot } from '../as-root.ts'
import { partsFor } from '../fleet.ts'
import { ensureParts } from '../parts.ts'
import { checkMachine } from '../prepare-machine.ts'
import { createProgressPrinter } from './print-progress.ts'
import { createLocalProgram } from './program.ts'

/** Commands that touch the machine's network, mounts or processes. */
const rootVerbs = new Set(['up', 'down', 'clean', 'cut', 'heal', 'stop', 'start', 'restart', 'add', 'remove'])

/** Runs `flotilla local ...`; the answer is the exit code. */
export async function runLocal(argv: readonly string[]): Promise<number> {
  const abort = new AbortController()
  const onSignal = () => {
    if (!abort.signal.aborted) process.stderr.write('\nStopping ...\n')
    abort.abort(new Error('interrupted'))
  }
  // not `once`: a second Ctrl-C must not end the tidying up
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    if (!isRoot() && needsRoot(argv)) return await runAsRoot(argv, abort.signal)
    await createLocalProgram(abort.signal).parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    return report(thrown, abort.signal)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

const needsRoot = (argv: readonly string[]): boolean =>
  !argv.includes('--help') && !argv.includes('-h') && argv.some((word) => rootVerbs.has(word))

/** Compiles as the person, so that their compiler's caches stay theirs, and goes on as root. */
async function runAsRoot(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const starts = argv.some((word) => word === 'up' || word === 'add')
  const parts = starts ? partsFor([{ fakeNodes: argv.includes('--fake-nodes') ? 1 : 0 }]) : []
  await checkMachine({ parts, ports: [] })
  await ensureParts(parts, { onProgress: createProgressPrinter(process.stderr), signal })
  return runAgainAsRoot()
}

function report(thrown: unknown, signal: AbortSignal): number {
  if (signal.aborted) {
    process.stderr.write('Interrupted. What was started has been stopped.\n')
    return 130
  }
  const error = asFlotillaError(thrown)
  process.stderr.write(`flotilla: ${error.message}\n`)
  if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`)
  if (process.env['FLOTILLA_DEBUG'] !== undefined) process.stderr.write(`${error.stack ?? ''}\n`)
  return error.next === 'reject' ? 2 : 1
}
