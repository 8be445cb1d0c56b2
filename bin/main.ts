// Loads only what the command needs: `flotilla local down` must not pay for the server, nor `--help` for anything.
const [command, ...rest] = process.argv.slice(2)

async function run(): Promise<number> {
  switch (command) {
    case 'local': {
      const { runLocal } = await import('../packages/local/src/cli/main.ts')
      return runLocal(rest)
    }
    case 'serve': {
      await findHelmWorker()
      const { runServe } = await import('../packages/server/src/index.ts')
      return runServe(rest)
    }
    case 'tour': {
      const { runTour } = await import('../packages/tours/src/index.ts')
      return runTour(rest)
    }
    default: {
      const { runCli } = await import('../packages/cli/src/index.ts')
      return runCli([command, ...rest].filter((word) => word !== undefined))
    }
  }
}

/** In a checkout the worker is one of the compiled parts; elsewhere its path is given. */
async function findHelmWorker(): Promise<void> {
  if (rest.some((word) => word.startsWith('--helm-worker') || word === '--help' || word === '-h')) return
  if ((process.env['FLOTILLA_HELM_WORKER'] ?? '') !== '') return
  const { ensurePart } = await import('../packages/local/src/parts.ts')
  process.env['FLOTILLA_HELM_WORKER'] = await ensurePart('helm-worker')
}

process.exitCode = await run()
