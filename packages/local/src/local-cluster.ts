import { readFile } from 'node:fs/promises'
import { FlotillaError } from '@flotilla/model'
import { serverOf, startCluster, type StartClusterInput } from './cluster-start.ts'
import { closeInbound, cutNetwork, healNetwork, openInbound, runInside } from './cut.ts'
import type { ClusterRecord, FleetRecord } from './fleet-record.ts'
import { observeKeeper, stopKeeper } from './keeper.ts'
import { clusterPaths } from './paths.ts'
import type { CommandResult } from './run-command.ts'

/** One real cluster of a local fleet, and the faults that can be put upon it. */
export interface LocalCluster {
  readonly name: string
  /** The API server's URL. */
  readonly server: string
  /** A file with administrator rights, certificates inside. */
  readonly kubeconfigPath: string
  /** That file's text. */
  readonly kubeconfig: string
  /** Drops all traffic to and from the cluster, in silence; inside, everything goes on. */
  cut(): Promise<void>
  heal(): Promise<void>
  /** Lets nobody in, while what is inside dials out: a firewall. `openInbound` undoes it. */
  closeInbound(): Promise<void>
  openInbound(): Promise<void>
  /** Runs a program of this machine in the cluster's network. */
  runInside(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>
  /** Switches the cluster off, pods and all; its data stays. */
  stop(): Promise<void>
  start(): Promise<void>
  restart(): Promise<void>
}

export async function openCluster(
  fleet: FleetRecord,
  cluster: ClusterRecord,
  start: Omit<StartClusterInput, 'fleet' | 'cluster'>,
): Promise<LocalCluster> {
  const paths = clusterPaths(fleet.dir, cluster.name)
  const stop = () => stopKeeper(paths.keeperStatus)
  const run = async () => {
    await startCluster({ ...start, fleet, cluster, signal: undefined })
  }
  return {
    name: cluster.name,
    server: serverOf(fleet, cluster),
    kubeconfigPath: paths.kubeconfig,
    kubeconfig: await readFile(paths.kubeconfig, 'utf8'),
    cut: async () => cutNetwork(await insidePid(fleet, cluster.name)),
    heal: async () => healNetwork(await insidePid(fleet, cluster.name)),
    closeInbound: async () => closeInbound(await insidePid(fleet, cluster.name)),
    openInbound: async () => openInbound(await insidePid(fleet, cluster.name)),
    runInside: async (argv, env = {}) => runInside(await insidePid(fleet, cluster.name), argv, env),
    stop,
    start: run,
    restart: async () => {
      await stop()
      await run()
    },
  }
}

/** The process whose namespaces are the cluster's. Throws when it does not run. */
export async function insidePid(fleet: FleetRecord, cluster: string): Promise<number> {
  const keeper = await observeKeeper(clusterPaths(fleet.dir, cluster).keeperStatus)
  if (keeper !== undefined) return keeper.insidePid
  throw new FlotillaError('cluster.not_found', {
    message: `The local cluster ${cluster} does not run`,
    remedy: `Start it with \`flotilla local start ${cluster}\`.`,
  })
}
