import { pushAgent } from '../agent-image.ts'
import { deliverDemo } from '../demo.ts'
import { isFleetUp, partsFor, startFleet, type ClusterSpec, type Fleet } from '../fleet.ts'
import { readFleetRecord } from '../fleet-record.ts'
import { cleanLeftovers, stopFleet } from '../fleet-stop.ts'
import { observeKeeper } from '../keeper.ts'
import { platformPaths, startPlatform } from '../platform.ts'
import { prepareMachine } from '../prepare-machine.ts'
import type { Progress } from '../progress.ts'

export interface UpOptions {
  readonly dir: string
  readonly clusters: readonly ClusterSpec[]
  /** Where the server listens; undefined starts clusters only. */
  readonly port: number | undefined
  readonly onProgress: Progress
  readonly signal: AbortSignal
}

/** `flotilla local up`: the answer is what a person needs to know to go on. Interrupted, it leaves nothing running. */
export async function runUp(options: UpOptions): Promise<string> {
  const { dir, clusters, port, onProgress, signal } = options
  const before = await readFleetRecord(dir)
  const wasUp = before !== undefined && (await isFleetUp(before))
  const serves = (await observeKeeper(platformPaths(dir).keeperStatus)) !== undefined
  const parts = [...partsFor(clusters), ...(port === undefined ? [] : ['helm-worker'])]
  await prepareMachine({ parts, ports: port === undefined || serves ? [] : [port] }, { onProgress, signal })
  await cleanLeftovers()
  try {
    const fleet = await startFleet({ dir, name: 'local', clusters, onProgress, signal })
    const told = port === undefined ? [] : await startAndTell(fleet, port, options)
    const kubectl = `  kubectl --kubeconfig ${fleet.kubeconfigPath} --context east get pods -A`
    return [...told, `Clusters: ${Object.keys(fleet.clusters).join(', ')}`, kubectl].join('\n')
  } catch (error) {
    const record = await readFleetRecord(dir)
    if (signal.aborted && !wasUp && record !== undefined) await stopFleet(record)
    throw error
  }
}

async function startAndTell(fleet: Fleet, port: number, options: UpOptions): Promise<string[]> {
  const { onProgress, signal } = options
  const platform = await startPlatform({ fleet, port, onProgress, signal })
  const [outcome] = await Promise.all([
    deliverDemo({ fleet, platform, onProgress, signal }),
    // what `flotilla cluster add NAME --agent` prints then works in the clusters of the fleet
    pushAgent(fleet.registry.address, { onProgress, signal }),
  ])
  const isFirst = outcome === 'delivered'
  return [
    '',
    `Console:  ${platform.url}`,
    `Sign in:  ${platform.username} ${isFirst ? `/ ${platform.password}` : 'with the password that was set since'}`,
    `CLI:      bin/flotilla login ${platform.url} -u ${platform.username}`,
    ...(isFirst ? [] : ['', 'The first password holds no longer, so the demo was left as it is.']),
    '',
  ]
}
