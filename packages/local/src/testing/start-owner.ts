import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { ClusterSpec } from '../fleet.ts'

const program = `
import { startFleet } from ${JSON.stringify(path.join(import.meta.dirname, '../index.ts'))}
process.stdin.on('end', () => process.exit()).resume()
const [dir, name, clusters] = process.argv.slice(1)
await startFleet({ dir, name, clusters: JSON.parse(clusters), owned: true })
console.log('up')
`

/** A process that starts a fleet of its own, as a run of the tests does. It ends with us at the latest. */
export async function startOwner(dir: string, name: string, clusters: readonly ClusterSpec[]): Promise<ChildProcess> {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program, dir, name, JSON.stringify(clusters)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(owner, 'exit').then(() => {
    throw new Error(`the fleet ${name} did not start`)
  })
  await Promise.race([once(owner.stdout, 'data'), ended])
  ended.catch(() => undefined)
  return owner
}
