import { enableCompileCache, flushCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// As in bin/flotilla, for who starts this file by itself. Threads and programs that are started from here find the
// cache of compiled code by the variable; where it cannot be kept, all goes on.
const cacheHome = process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? homedir(), '.cache')
process.env['NODE_COMPILE_CACHE'] ??= join(cacheHome, 'flotilla', 'node')
enableCompileCache(process.env['NODE_COMPILE_CACHE'])

// Loads only what the command needs: `flotilla local down` must not pay for the server, nor `--help` for anything.
const [command, ...rest] = process.argv.slice(2)

async function run(): Promise<number> {
  switch (command) {
    case 'local': {
      const { runLocal } = await import('../packages/local/src/cli/main.ts')
      return runLocal(rest)
    }
    case 'serve':
      return serve(rest)
    case 'agent': {
      const { runAgent } = await import('../packages/agent/src/index.ts')
      return runAgent(rest)
    }
    case 'tour': {
      const { runTour } = await import('../packages/tours/src/index.ts')
      return runTour(rest)
    }
    default: {
      const { runCli } = await import('../packages/cli/src/index.ts')
      return runCli(command === undefined ? [] : [command, ...rest])
    }
  }
}

/** The server knows nothing of compiled parts, so the Helm worker is found (or compiled, the first time) here. */
async function serve(args: string[]): Promise<number> {
  const asksForHelp = args.includes('--help') || args.includes('-h')
  const isGiven = args.some((arg) => arg.startsWith('--helm-worker')) || process.env['FLOTILLA_HELM_WORKER']
  if (!asksForHelp && !isGiven) {
    const { ensurePart } = await import('../packages/local/src/parts.ts')
    const { createProgressPrinter } = await import('../packages/local/src/cli/print-progress.ts')
    process.env['FLOTILLA_HELM_WORKER'] = await ensurePart('helm-worker', {
      onProgress: createProgressPrinter(process.stderr),
    })
  }
  const { runServe } = await import('../packages/server/src/index.ts')
  // now, because a server that is killed keeps nothing
  flushCompileCache()
  return runServe(args)
}

process.exitCode = await run()
