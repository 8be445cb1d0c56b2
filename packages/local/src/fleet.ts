import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { giveToCaller } from './as-root.ts'
import { computeFleetAddresses, mostClusters, registryPort } from './addresses.ts'
import { serverOf, startCluster } from './cluster-start.ts'
import { pushDemo } from './demo-images.ts'
import { withFileLock } from './file-lock.ts'
import { ensureFleetRecord } from './fleet-list.ts'
import { readFleetRecord, writeFleetRecord, type ClusterRecord, type FleetRecord } from './fleet-record.ts'
import { stopFleet } from './fleet-stop.ts'
import { ensureBridge } from './host-network.ts'
import { pushChart } from './helm-chart.ts'
import type { Image } from './image.ts'
import { observeKeeper, stopKeeper } from './keeper.ts'
import { readAccess, renderKubeconfig } from './kubeconfig.ts'
import { requestKube } from './kube-request.ts'
import { openCluster, type LocalCluster } from './local-cluster.ts'
import { binaryOf, ensureParts, type ReadyParts } from './parts.ts'
import { clusterPaths, daemonPaths } from './paths.ts'
import { ownIdentity } from './process-identity.ts'
import { silent, type Progress } from './progress.ts'
import { pushImage } from './registry-client.ts'
import { ensureRegistry } from './registry-daemon.ts'
import { pushSystemImages } from './system-images.ts'
import { writeFileWhole } from './write-file.ts'

export interface ClusterSpec {
  /** A DNS label of at most 30 characters. */
  readonly name: string
  /** How many nodes kwok simulates beside the real one; 0 by default. */
  readonly fakeNodes?: number | undefined
}

export interface StartFleetOptions {
  /** All that the fleet has is below this folder. */
  readonly dir: string
  readonly name: string
  /** Clusters that must be there; those that were added before stay. */
  readonly clusters: readonly ClusterSpec[]
  /** Whether the fleet is to be cleaned up once this process has died (see cleanLeftovers). False by default. */
  readonly owned?: boolean | undefined
  /** Whether the registry is to hold the demo's images and chart. True by default. */
  readonly demo?: boolean | undefined
  readonly onProgress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** A running fleet of real clusters on this machine. */
export interface Fleet {
  readonly name: string
  readonly dir: string
  readonly clusters: Readonly<Record<string, LocalCluster>>
  readonly registry: {
    /** HOST:PORT, plain HTTP, as the host and every cluster reach it. */
    readonly address: string
    /** Clusters then pull NAME:TAG, also as docker.io/NAME:TAG. */
    pushImage(name: string, image: Image): Promise<void>
    /** Packs a chart's folder and pushes it; the answer is its address, `oci://HOST:PORT/charts/NAME:VERSION`. */
    pushChart(folder: string): Promise<string>
  }
  /** One file with a context per cluster. */
  readonly kubeconfigPath: string
  stop(): Promise<void>
}

const baseParts = [
  'keeper',
  'kubernetes',
  'containerd',
  'registry',
  'pause',
  'coredns',
  'metrics-server',
  'shop',
  'helm',
]

/** The parts that a fleet of these clusters needs. */
export const partsFor = (clusters: readonly Partial<ClusterSpec>[]): string[] => [
  ...baseParts,
  ...(clusters.some((cluster) => (cluster.fakeNodes ?? 0) > 0) ? ['kwok'] : []),
]

/**
 * Starts a fleet, or finds it running: safe to repeat, also over what a reboot or a killed run left. When it is aborted
 * or fails, the clusters that it started are stopped again.
 */
export async function startFleet(options: StartFleetOptions): Promise<Fleet> {
  for (const cluster of options.clusters) assertClusterName(cluster.name)
  const dir = path.resolve(options.dir)
  await mkdir(dir, { recursive: true, mode: 0o755 })
  const onWait = () => options.onProgress?.({ step: 'fleet', text: 'waiting for another command on this fleet' })
  return withFileLock(path.join(dir, '.lock'), () => startLocked(dir, options), { signal: options.signal, onWait })
}

async function startLocked(dir: string, options: StartFleetOptions): Promise<Fleet> {
  const { signal, onProgress = silent } = options
  const owner = options.owned === true ? await ownIdentity() : null
  const parts = await ensureParts(partsFor([...options.clusters, ...((await readFleetRecord(dir))?.clusters ?? [])]), {
    onProgress,
    signal,
  })
  const found = await ensureFleetRecord({ dir, name: options.name, owner }, isFleetUp)
  const before = await observeRunning(found)
  const fleet = { ...found, clusters: mergeClusters(found.clusters, options.clusters) }
  await writeFleetRecord(fleet)
  const registry = registryOf(fleet)
  try {
    await ensureBridge(fleet.bridge, fleet.second)
    await ensureRegistry(dir, parts, registry, signal)
    await pushSystemImages(parts, registry, signal)
    const demo = options.demo === false ? undefined : pushDemo(parts, registry, signal)
    demo?.catch(() => undefined) // awaited below
    const start = { parts, registry, onProgress, signal }
    await allDone(fleet.clusters.map((cluster) => startCluster({ ...start, fleet, cluster })))
    await demo
    await linkPrograms(dir, parts)
    return await openFleet(fleet, start)
  } catch (error) {
    await stopStarted(fleet, before)
    throw error
  }
}

/** `FLEET/bin/kubectl` and `FLEET/bin/helm`, for people and tests. */
async function linkPrograms(dir: string, parts: ReadyParts): Promise<void> {
  const programs = { kubectl: binaryOf(parts, 'kubernetes'), helm: binaryOf(parts, 'helm') }
  await mkdir(path.join(dir, 'bin'), { recursive: true })
  for (const [name, binary] of Object.entries(programs)) {
    await rm(path.join(dir, 'bin', name), { force: true })
    await symlink(binary, path.join(dir, 'bin', name))
  }
}

/** Whether every cluster of a fleet answers. */
export async function isFleetReady(fleet: FleetRecord): Promise<boolean> {
  const ready = fleet.clusters.map(async (cluster) => {
    const { pki, keeperStatus } = clusterPaths(fleet.dir, cluster.name)
    if ((await observeKeeper(keeperStatus)) === undefined) return false
    const access = await readAccess(pki, 'admin', cluster.name, serverOf(fleet, cluster))
    return (await requestKube(access, 'GET', '/readyz', { timeoutMs: 3000 })).status === 200
  })
  return (await Promise.all(ready.map((question) => question.catch(() => false)))).every(Boolean)
}

/** Attaches to a fleet that runs; starts nothing. */
export async function attachFleet(dir: string): Promise<Fleet> {
  const record = await readFleetRecord(path.resolve(dir))
  if (record === undefined) {
    throw new FlotillaError('request.not_found', {
      message: `There is no fleet in ${dir}`,
      remedy: 'Start one with `flotilla local up`.',
    })
  }
  const parts = await ensureParts(partsFor(record.clusters))
  return openFleet(record, { parts, registry: registryOf(record), onProgress: silent })
}

async function openFleet(
  fleet: FleetRecord,
  start: Omit<Parameters<typeof startCluster>[0], 'fleet' | 'cluster'>,
): Promise<Fleet> {
  const clusters = await Promise.all(fleet.clusters.map((cluster) => openCluster(fleet, cluster, start)))
  const kubeconfigPath = path.join(fleet.dir, 'kubeconfig')
  await writeFleetKubeconfig(fleet, kubeconfigPath)
  return {
    name: fleet.name,
    dir: fleet.dir,
    clusters: Object.fromEntries(clusters.map((cluster) => [cluster.name, cluster])),
    registry: {
      address: start.registry,
      pushImage: (name, image) => pushImage(start.registry, name, image),
      pushChart: async (folder) => `oci://${start.registry}/${await pushChart(start.registry, folder)}`,
    },
    kubeconfigPath,
    stop: () => stopFleet(fleet),
  }
}

async function writeFleetKubeconfig(fleet: FleetRecord, file: string): Promise<void> {
  const accesses = await Promise.all(
    fleet.clusters.map((cluster) =>
      readAccess(clusterPaths(fleet.dir, cluster.name).pki, 'admin', cluster.name, serverOf(fleet, cluster)),
    ),
  )
  await writeFileWhole(file, renderKubeconfig(accesses), 0o600)
  await giveToCaller(file)
}

export const registryOf = (fleet: FleetRecord): string =>
  `${computeFleetAddresses(fleet.second).gateway}:${registryPort}`

/** Whether anything of the fleet runs, so that its network must stay as it is. */
export const isFleetUp = async (fleet: FleetRecord): Promise<boolean> => (await observeRunning(fleet)).size > 0

/** The status files of the keepers that run. */
async function observeRunning(fleet: FleetRecord): Promise<Set<string>> {
  const files = [
    daemonPaths(fleet.dir, 'registry').keeperStatus,
    ...fleet.clusters.map((cluster) => clusterPaths(fleet.dir, cluster.name).keeperStatus),
  ]
  const keepers = await Promise.all(files.map(observeKeeper))
  return new Set(files.filter((_, index) => keepers[index] !== undefined))
}

/** Stops what was started since `before`; what ran then goes on. */
async function stopStarted(fleet: FleetRecord, before: ReadonlySet<string>): Promise<void> {
  if (before.size === 0) return stopFleet(fleet)
  const started = [...(await observeRunning(fleet))].filter((file) => !before.has(file))
  await Promise.all(started.map(stopKeeper))
}

/** Known clusters keep their index; new ones get the lowest free. */
export function mergeClusters(known: readonly ClusterRecord[], wanted: readonly ClusterSpec[]): ClusterRecord[] {
  const merged = new Map(known.map((cluster) => [cluster.name, cluster]))
  for (const spec of wanted) {
    const before = merged.get(spec.name)
    const used = new Set([...merged.values()].map((cluster) => cluster.index))
    const index = before?.index ?? Array.from({ length: used.size + 1 }, (_, at) => at).find((at) => !used.has(at)) ?? 0
    merged.set(spec.name, { name: spec.name, index, fakeNodes: spec.fakeNodes ?? before?.fakeNodes ?? 0 })
  }
  if (merged.size <= mostClusters) return [...merged.values()]
  throw new FlotillaError('input.invalid', {
    message: `A local fleet holds at most ${mostClusters} clusters`,
    remedy: 'Remove one with `flotilla local remove NAME`.',
  })
}

export function assertClusterName(name: string): void {
  if (/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) return
  throw new FlotillaError('input.invalid', {
    field: 'NAME',
    value: name,
    message: 'The name of a local cluster is 1 to 30 lower-case letters, digits and dashes, and begins with a letter',
  })
}

/** Waits for all even when one fails, so that nothing goes on in the back of whoever cleans up. */
async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
