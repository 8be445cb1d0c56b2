import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import path from 'node:path'
import assert from 'node:assert/strict'
import { openIndexWorld, untilRead } from './support/open-index-world.ts'
import { spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const pods = 2500
const identities = 20
const run = promisify(execFile)
const folder = path.join(import.meta.dirname, 'informer')

/** B5: bytes of heap per pod after garbage collection, beside client-go's informer over the same pods. */
export async function runMemory({ rounds = 5, signal, say }: RunOptions): Promise<Outcome> {
  await using world = await openIndexWorld(pods, say)
  const binary = path.join(folder, 'dist/informer')
  await run('go', ['build', '-o', binary, '.'], { cwd: folder, timeout: 480_000 })
  const total = pods * identities
  const informer = async (...more: string[]): Promise<number> => {
    const args = ['-kubeconfig', world.kubeconfigPath, '-informers', String(identities), ...more]
    const { stdout } = await run(binary, args, { timeout: 300_000 })
    const said = JSON.parse(stdout) as { pods: number; bytes: number }
    assert.equal(said.pods, total)
    return said.bytes / total
  }
  const index = async (): Promise<number> => {
    const server = await world.startServer(identities)
    try {
      // roles, discovery and connections are there before; only the rows come
      await server.api.resources.list({ params: { kind: 'services' }, query: {}, signal })
      const before = await server.use()
      await untilRead(server.api, total, signal)
      const after = await server.use()
      return (after.heapUsed + after.external - before.heapUsed - before.external) / total
    } finally {
      server.stop()
    }
  }
  const ours: number[] = []
  const plain: number[] = []
  const slim: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await index())
    plain.push(await informer())
    slim.push(await informer('-slim'))
    say(`round ${round + 1}: ${[ours, plain, slim].map((all) => Math.round(all.at(-1) ?? 0)).join(', ')} bytes`)
  }
  const toPlain = spreadOf(ours.map((bytes, at) => bytes / (plain[at] ?? 1)))
  const toSlim = spreadOf(ours.map((bytes, at) => bytes / (slim[at] ?? 1)))
  return {
    title: 'memory per cached pod',
    conditions: [
      `Simulated: ${identities} clusters are one API server under as many names, ${pods} pods of kwok; ${identities} informers over it on the other side.`,
      'Heap after garbage collection, less what it was before; the slim informer keeps the same fields as a row, by a transform.',
    ],
    checked: `both held ${total} pods.`,
    versions: { Kubernetes: world.version, 'client-go': '0.36.3' },
    figures: [
      { what: 'Index', unit: 'bytes', value: spreadOf(ours) },
      { what: 'Informer', unit: 'bytes', value: spreadOf(plain) },
      { what: 'Informer that keeps the same', unit: 'bytes', value: spreadOf(slim) },
      { what: 'Index / informer', unit: 'x', value: toPlain, toReach: '<= 1/4', reached: toPlain.median <= 0.25 },
      { what: 'Index / slim informer', unit: 'x', value: toSlim, toReach: '<= 1', reached: toSlim.median <= 1 },
    ],
    samples: { ours, plain, slim },
  }
}
