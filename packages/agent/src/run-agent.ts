import { runTunnels } from './agent.ts'
import { agentHelp, OptionError, parseAgentOptions } from './agent-options.ts'
import { createAgentLog } from './log.ts'
import packageJson from '../package.json' with { type: 'json' }

/** How long a shutdown may take before the process ends all the same. */
const shutdownMs = 5_000

/** `flotilla agent`: runs until SIGINT or SIGTERM. Gives the exit code. */
export async function runAgent(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(agentHelp)
    return 0
  }
  const ending = new AbortController()
  const end = (): void => {
    if (ending.signal.aborted) process.exit(1)
    ending.abort(new Error('the agent stops'))
    setTimeout(() => process.exit(1), shutdownMs).unref()
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  try {
    const options = parseAgentOptions(args, process.env)
    const log = createAgentLog((line) => process.stderr.write(`${line}\n`))
    await runTunnels(options, { log, env: process.env, version: packageJson.version, signal: ending.signal })
    return 0
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    process.stderr.write(`flotilla agent: ${message}\n`)
    return thrown instanceof OptionError ? 2 : 1
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}
