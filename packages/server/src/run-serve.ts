import { createJsonLog } from '@flotilla/engine'
import { asFlotillaError } from '@flotilla/model'
import { createKubeClient } from '@flotilla/kube'
import { firstPasswordFile, firstPasswordSecret, takeFirstPassword } from './access/first-password.ts'
import { readHostConnection } from './host-connection.ts'
import { serve } from './serve.ts'
import { parseServeOptions, passwordFileOf, serveHelp, type ServeOptions } from './serve-options.ts'

/** How long a shutdown may take before the process ends all the same. */
const shutdownMs = 15_000

/** `flotilla serve`: runs until SIGINT or SIGTERM. Gives the exit code. */
export async function runServe(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(serveHelp)
    return 0
  }
  const ending = new AbortController()
  const end = (name: NodeJS.Signals): void => {
    // who asks twice does not want to wait
    if (ending.signal.aborted) process.exit(1)
    ending.abort(new Error(`ended by ${name}`))
    setTimeout(() => process.exit(1), shutdownMs).unref()
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  try {
    const options = parseServeOptions(args, process.env)
    if (options.showFirstPassword) {
      process.stdout.write(`${await showFirstPassword(options, ending.signal)}\n`)
      return 0
    }
    const log = createJsonLog({ write: (line) => process.stderr.write(`${line}\n`), level: options.logLevel })
    await serve(options, {
      log,
      env: process.env,
      signal: ending.signal,
      print: (line) => process.stdout.write(`${line}\n`),
      terminal: process.stdout.isTTY,
    })
    return 0
  } catch (thrown) {
    if (ending.signal.aborted) return 0
    const { code, message, remedy } = asFlotillaError(thrown)
    process.stderr.write(`flotilla serve: ${message} (${code})\n${remedy === undefined ? '' : `  ${remedy}\n`}`)
    return 1
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

async function showFirstPassword(options: ServeOptions, signal: AbortSignal): Promise<string> {
  const file = passwordFileOf(options)
  // a file is there without a host
  if (file !== undefined) return await takeFirstPassword(firstPasswordFile(file))
  const connection = await readHostConnection(options, process.env)
  const host = createKubeClient({ name: 'host', connection, userAgent: 'flotilla-server' })
  try {
    return await takeFirstPassword(firstPasswordSecret(host, signal))
  } finally {
    await host.close()
  }
}
