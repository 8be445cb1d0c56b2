import { parseArgs } from 'node:util'
import { describeMachine, readLoad } from './support/machine.ts'
import { type Outcome, showValue, writeResult } from './support/write-result.ts'

/** Runs one benchmark and keeps its result: see bench/README.md. */
export interface RunOptions {
  /** How often; each benchmark knows what a round is. */
  readonly rounds: number | undefined
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

const benchmarks: Readonly<Record<string, () => Promise<(options: RunOptions) => Promise<Outcome>>>> = {
  'fan-out': async () => (await import('./fan-out.ts')).runFanOut,
  propagation: async () => (await import('./propagation.ts')).runPropagation,
  requests: async () => (await import('./requests.ts')).runRequests,
  rest: async () => (await import('./rest.ts')).runRest,
  proxy: async () => (await import('./proxy.ts')).runProxy,
  agents: async () => (await import('./agents.ts')).runAgents,
  tunnel: async () => (await import('./tunnel.ts')).runTunnel,
  search: async () => (await import('./search.ts')).runSearch,
  memory: async () => (await import('./memory.ts')).runMemory,
  freshness: async () => (await import('./freshness.ts')).runFreshness,
  'first-use': async () => (await import('./first-use.ts')).runFirstUse,
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ options: { rounds: { type: 'string' } }, allowPositionals: true })
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks)
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const unknown = names.find((name) => benchmarks[name] === undefined)
  if (unknown !== undefined || (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))) {
    process.stderr.write(`Usage: node bench/run.ts [${Object.keys(benchmarks).join('|')}]... [--rounds N]\n`)
    return 2
  }
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort(new Error('interrupted')))
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  for (const name of names) {
    const run = await benchmarks[name]?.()
    if (run === undefined) continue
    say(`${name} ...`)
    const loadBefore = await readLoad()
    const outcome = await run({ rounds, signal: ending.signal, say })
    const loadAfter = await readLoad()
    await writeResult({
      name,
      takenAt: new Date().toISOString(),
      machine: describeMachine(),
      loadBefore,
      loadAfter,
      ...outcome,
    })
    for (const { what, unit, value, toReach } of outcome.figures) {
      process.stdout.write(
        `${name}: ${what}: ${showValue(value)} ${unit}${toReach === undefined ? '' : ` (${toReach})`}\n`,
      )
    }
  }
  return 0
}

process.exitCode = await main()
