import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'
import { renderAddons } from './addons.ts'
import { computeClusterAddresses, computeFleetAddresses } from './addresses.ts'
import { removeCgroups } from './cgroups.ts'
import { renderClusterConfig } from './cluster-config.ts'
import { renderPkiSpec } from './cluster-pki.ts'
import { renderProcesses } from './cluster-processes.ts'
import { applyFakeNodes, renderStages } from './fake-nodes.ts'
import type { ClusterRecord, FleetRecord } from './fleet-record.ts'
import { openInbound } from './cut.ts'
import { observeKeeper, startKeeper } from './keeper.ts'
import { applyObject, requestKube } from './kube-request.ts'
import { readAccess, renderKubeconfig, type KubeAccess } from './kubeconfig.ts'
import { binaryOf, type ReadyParts } from './parts.ts'
import { clusterPaths, type ClusterPaths } from './paths.ts'
import type { Progress } from './progress.ts'
import { readResolvConf } from './resolv-conf.ts'
import { runChecked } from './run-command.ts'
import { systemImageNames } from './system-images.ts'
import { writeFileWhole } from './write-file.ts'

export interface StartClusterInput {
  readonly fleet: FleetRecord
  readonly cluster: ClusterRecord
  readonly parts: ReadyParts
  readonly registry: string
  readonly onProgress: Progress
  readonly signal?: AbortSignal | undefined
}

const apiSeconds = 90
const nodeSeconds = 90
const logBytes = 8 << 20

/** Starts one cluster, or finds it running, and waits until its node takes pods and names resolve. */
export async function startCluster(input: StartClusterInput): Promise<KubeAccess> {
  const { fleet, cluster, onProgress, signal } = input
  const paths = clusterPaths(fleet.dir, cluster.name)
  const say = (text: string) => onProgress({ step: cluster.name, text })
  const server = serverOf(fleet, cluster)
  const running = await observeKeeper(paths.keeperStatus)
  if (running !== undefined) {
    // a wall that a test left when it was killed: nobody else builds one
    await openInbound(running.insidePid)
  } else {
    say('starting')
    await prepareFiles(input, paths, server)
    // groups that a killed keeper left would refuse the new one
    await removeCgroups(cgroupOf(fleet, cluster.name))
    await startKeeper(binaryOf(input.parts, 'keeper'), paths.keeperSpec, keeperSpec(input, paths))
  }
  const access = await readAccess(paths.pki, 'admin', cluster.name, server)
  await waitForApi(access, paths, signal)
  say('API server ready')
  for (const object of renderAddons(systemImageNames(input.parts))) await applyWhenServed(access, object, signal)
  await waitUntil(
    nodeSeconds,
    signal,
    () => isNodeReady(access, cluster.name),
    () => slow(cluster.name, 'node', paths),
  )
  say('node ready')
  if (cluster.fakeNodes > 0) await applyFakeNodes(access, cluster.fakeNodes, signal)
  await waitUntil(
    nodeSeconds,
    signal,
    () => isDeploymentReady(access, 'coredns'),
    () => slow(cluster.name, 'DNS', paths),
  )
  say('ready')
  return access
}

export const serverOf = (fleet: FleetRecord, cluster: ClusterRecord): string =>
  `https://${computeClusterAddresses(fleet.second, cluster.index).node}:6443`

export const cgroupOf = (fleet: FleetRecord, cluster: string): string => `flotilla/${fleet.id}/${cluster}`

async function prepareFiles(input: StartClusterInput, paths: ClusterPaths, server: string): Promise<void> {
  const { fleet, cluster, parts } = input
  const addresses = computeClusterAddresses(fleet.second, cluster.index)
  const pkiSpec = path.join(paths.dir, 'pki-spec.json')
  await writeFileWhole(
    pkiSpec,
    JSON.stringify(renderPkiSpec({ dir: paths.pki, cluster: cluster.name, address: addresses.node })),
  )
  await runChecked([binaryOf(parts, 'keeper'), 'pki', pkiSpec], { signal: input.signal })
  // leases of pods that no process holds any more, as after a reboot
  await rm(path.join(paths.varLib, 'cni'), { recursive: true, force: true })
  for (const dir of [path.join(paths.varLib, 'cni'), path.join(paths.varLib, 'kubelet'), paths.varLog]) {
    await mkdir(dir, { recursive: true })
  }
  await mkdir(paths.etcd, { recursive: true, mode: 0o700 })
  const files = renderClusterConfig({
    cluster: cluster.name,
    address: addresses.node,
    pods: addresses.pods,
    pki: paths.pki,
    etc: paths.etc,
    containerdRoot: paths.containerd,
    cniBin: path.dirname(binaryOf(parts, 'containerd')),
    registry: input.registry,
    pauseImage: systemImageNames(parts).pause,
  })
  files['resolv.conf'] = await readResolvConf()
  files['kwok.yaml'] = renderStages()
  for (const [name, text] of Object.entries(files)) await writeFileWhole(path.join(paths.etc, name), text)
  for (const name of ['admin', 'controller-manager', 'scheduler', 'kubelet', 'proxy']) {
    const access = await readAccess(paths.pki, name, cluster.name, server)
    await writeFileWhole(path.join(paths.etc, `${name}.kubeconfig`), renderKubeconfig([access]), 0o600)
    if (name === 'admin') await writeFile(paths.kubeconfig, renderKubeconfig([access]), { mode: 0o600 })
  }
}

function keeperSpec(input: StartClusterInput, paths: ClusterPaths) {
  const { fleet, cluster, parts } = input
  const addresses = computeClusterAddresses(fleet.second, cluster.index)
  const range = computeFleetAddresses(fleet.second)
  return {
    hostname: cluster.name,
    isolated: true,
    cgroup: cgroupOf(fleet, cluster.name),
    network: {
      bridge: fleet.bridge,
      veth: `${fleet.bridge}-${cluster.index}`,
      address: `${addresses.node}/${range.prefix}`,
      gateway: range.gateway,
    },
    tmpfs: ['/run'],
    binds: [
      { from: path.join(paths.varLib, 'kubelet'), to: '/var/lib/kubelet' },
      { from: path.join(paths.varLib, 'cni'), to: '/var/lib/cni' },
      { from: paths.varLog, to: '/var/log' },
    ],
    resolvConf: path.join(paths.etc, 'resolv.conf'),
    sysctls: { 'net.ipv4.ip_forward': '1' },
    logDir: paths.logs,
    logBytes,
    statusFile: paths.keeperStatus,
    processes: renderProcesses({
      cluster: cluster.name,
      address: addresses.node,
      paths,
      kubernetes: binaryOf(parts, 'kubernetes'),
      containerd: binaryOf(parts, 'containerd'),
      kwok: cluster.fakeNodes > 0 ? binaryOf(parts, 'kwok') : undefined,
    }),
  }
}

async function waitForApi(access: KubeAccess, paths: ClusterPaths, signal: AbortSignal | undefined): Promise<void> {
  const ready = async () => (await requestKube(access, 'GET', '/readyz', { timeoutMs: 2000 })).status === 200
  await waitUntil(apiSeconds, signal, ready, () => slow(access.cluster, 'API server', paths))
}

/** Kinds of an API that has just come up may be served a moment later than it says it is ready. */
async function applyWhenServed(
  access: KubeAccess,
  object: Parameters<typeof applyObject>[1],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyObject(access, object, signal)
    } catch (error) {
      if (attempt === 20 || signal?.aborted === true) throw error
      await sleep(250, undefined, { signal })
    }
  }
}

async function isNodeReady(access: KubeAccess, name: string): Promise<boolean> {
  const answer = await requestKube(access, 'GET', `/api/v1/nodes/${name}`)
  const node = Node.safeParse(answer.body)
  return node.success && node.data.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

async function isDeploymentReady(access: KubeAccess, name: string): Promise<boolean> {
  const answer = await requestKube(access, 'GET', `/apis/apps/v1/namespaces/kube-system/deployments/${name}`)
  const deployment = Deployment.safeParse(answer.body)
  return deployment.success && deployment.data.status.readyReplicas > 0
}

const Node = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
})
const Deployment = z.object({ status: z.object({ readyReplicas: z.number() }) })

/** Asks again and again, errors counting as no, until yes or the time is up. */
export async function waitUntil(
  seconds: number,
  signal: AbortSignal | undefined,
  question: () => Promise<boolean>,
  otherwise: () => Error,
): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    signal?.throwIfAborted()
    if (await question().catch(() => false)) return
    await sleep(100, undefined, { signal })
  }
  throw otherwise()
}

const slow = (cluster: string, what: string, paths: ClusterPaths): FlotillaError =>
  new FlotillaError('local.start_failed', {
    message: `The ${what} of ${cluster} did not become ready in time`,
    remedy: `Read the logs in ${paths.logs}`,
  })
