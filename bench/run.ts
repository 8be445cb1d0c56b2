import { parseArgs } from 'node:util'
import { describeMachine, readLoad } from './support/machine.ts'
import type { ArgoProgram } from './support/many-apps/argo-processes.ts'
import { type Outcome, showValue, writeResult } from './support/write-result.ts'

/** Runs one benchmark and keeps its result: see bench/README.md. */
export interface RunOptions {
  /** How often; each benchmark knows what a round is. */
  readonly rounds: number | undefined
  /** How many applications, where a benchmark has many. */
  readonly apps: number | undefined
  /** What `many-apps` measures beside; left out where nobody gave it. */
  readonly argo: ArgoProgram | undefined
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
  'many-apps': async () => (await import('./many-apps.ts')).runManyApps,
  'first-use': async () => (await import('./first-use.ts')).runFirstUse,
}

async function main(): Promise<number> {
  const text = { type: 'string' } as const
  const options = { rounds: text, apps: text, argocd: text, 'argocd-source': text }
  const { positionals, values } = parseArgs({ options, allowPositionals: true })
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks)
  const [rounds, apps] = [values.rounds, values.apps].map((one) => (one === undefined ? undefined : Number(one)))
  const isCount = (one: number | undefined): boolean => one === undefined || (Number.isInteger(one) && one > 0)
  const { argocd: binary, 'argocd-source': source } = values
  const isWhole = (binary === undefined) === (source === undefined)
  if (names.some((name) => benchmarks[name] === undefined) || !isCount(rounds) || !isCount(apps) || !isWhole) {
    process.stderr.write(
      `Usage: node bench/run.ts [${Object.keys(benchmarks).join('|')}]... [--rounds N]\n` +
        '       many-apps: [--apps N] [--argocd FILE --argocd-source DIR]\n',
    )
    return 2
  }
  const argo = binary === undefined || source === undefined ? undefined : { binary, source }
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort(new Error('interrupted')))
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  for (const name of names) {
    const run = await benchmarks[name]?.()
    if (run === undefined) continue
    say(`${name} ...`)
    const loadBefore = await readLoad()
    const outcome = await run({ rounds, apps, argo, signal: ending.signal, say })
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
