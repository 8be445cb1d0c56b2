import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ClusterConnection, createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { openTestFleet } from '@flotilla/local'
import {
  apiVersion,
  type Delivery,
  type DeliveryStatus,
  fieldManager,
  group,
  type KubeObject,
  projectNamespace,
  workspaceNamespace,
} from '@flotilla/model'
import { installPlatform } from '../../../access/install/install-platform.ts'
import { clusterSecret } from '../../../fleet/cluster-secret.ts'
import { openHostClient, openServer, type ServerOptions, type TestServer } from './open-server.ts'
import { pushChart } from '../../testing/push-chart.ts'
import type { FaultProxy } from '@flotilla/kube/testing/fault-proxy'
import { kubeconfigThrough } from '@flotilla/kube/testing/kubeconfig-through'
import { everyApiAvailable } from '@flotilla/kube/testing/every-api-available'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { until } from '../../../testing/until.ts'

const run = promisify(execFile)

export interface TargetOptions {
  readonly members?: readonly string[]
  /** Runs the server somewhere else. */
  readonly withoutServer?: boolean
  readonly scope?: 'Namespaced' | 'Cluster'
  /** `privileged` for hooks that count their runs on the node. */
  readonly podSecurity?: 'privileged' | 'restricted'
  /** A second target in each member: namespace `<project>-staging`, environment `staging`; the first is `prod` then. */
  readonly staging?: boolean
  /** In each member also namespaces of the project's name with these at their ends. */
  readonly also?: string | readonly string[]
  /** Rollouts go out; without it the test plays them. */
  readonly rollouts?: boolean
  /** The server reaches the host through this. */
  readonly hostProxy?: Pick<FaultProxy, 'connection'>
}

/** A project on real clusters, and the server that delivers to it. */
export async function openTarget({
  members = ['east'],
  withoutServer = false,
  scope,
  podSecurity,
  staging = false,
  also = [],
  rollouts,
  hostProxy,
}: TargetOptions = {}) {
  const fleet = await openTestFleet()
  const ended = new AbortController()
  // a `before` that fails has no target to close: nothing of it may go on running
  await using undo = new AsyncDisposableStack()
  undo.defer(() => ended.abort())
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-data-'))
  undo.defer(() => rm(dataDir, { recursive: true, force: true }))
  const hostKubeconfig = fleet.clusters['hub']?.kubeconfig ?? ''
  const host = openHostClient(hostKubeconfig)
  undo.defer(() => host.close())
  await installPlatform({ host, clock: systemClock, signal: ended.signal })
  const clients = new Map<string, KubeClient>()
  for (const name of members) {
    // a run that was ended in the middle of a removal left it half removed, and no server is there to go on
    const key = { group, kind: 'Cluster', name }
    if ((await host.find(key))?.metadata.deletionTimestamp !== undefined)
      await host.patch(key, { type: 'merge', body: { metadata: { finalizers: null } } })
    const connection = connectionOf(fleet.clusters[name]?.kubeconfig)
    if (connection.auth.kind !== 'certificate') throw new Error('the fleet gives certificates')
    const { certPem, keyPem } = connection.auth
    await host.apply(clusterSecret(name, { caPem: connection.caPem, certPem, keyPem }), { fieldManager, force: true })
    const spec = { connection: { type: 'direct', server: connection.server, secretName: `cluster-${name}` } }
    await host.apply({ apiVersion, kind: 'Cluster', metadata: { name }, spec }, { fieldManager, force: true })
    const client = createKubeClient({ name, connection, userAgent: 'flotilla-test' })
    undo.defer(() => client.close())
    clients.set(name, client)
    // what was rendered before and after one comes up differs: tests compare over a restart
    await until(`every API of ${name}`, () => everyApiAvailable(client))
  }
  const project = `del-${randomBytes(3).toString('hex')}`
  const namespace = projectNamespace(project)
  const workspace = workspaceNamespace('retail')
  await host.apply({ apiVersion, kind: 'Workspace', metadata: { name: 'retail' }, spec: {} }, { fieldManager })
  const options: ServerOptions = {
    hostKubeconfig: hostProxy === undefined ? hostKubeconfig : kubeconfigThrough(hostProxy, hostKubeconfig),
    dataDir,
    registry: fleet.registry.address,
    rollouts,
  }
  let server: TestServer | undefined = await openServer(options)
  undo.defer(() => server?.stop())
  const clusters = { names: [...members] }
  const more = [also].flat().map((end) => ({ clusters, namespace: `${project}${end}` }))
  const rules = staging
    ? [
        { clusters, environment: 'prod' },
        { clusters, environment: 'staging', namespace: `${project}-staging` },
        ...more.map((rule) => ({ ...rule, environment: 'prod' })),
      ]
    : [{ clusters }, ...more]
  const body = {
    apiVersion,
    kind: 'Project',
    metadata: { name: project, namespace: workspace },
    spec: { targets: rules, scope, podSecurity },
  }
  await until('the workspace is ready', () => host.apply(body, { fieldManager }).catch(() => false as const))
  await until('the project is ready', async () => {
    const { status } = await host.get<KubeObject & { status?: { targets?: { state: string }[] } }>({
      group,
      kind: 'Project',
      namespace: workspace,
      name: project,
    })
    return (
      status?.targets?.length === members.length * rules.length &&
      status.targets.every(({ state }) => state === 'Ready')
    )
  })
  if (withoutServer) {
    await server.stop()
    server = undefined
  }

  const target = {
    host,
    fleet,
    registry: fleet.registry,
    options,
    project,
    /** Host namespace of the project; the member's namespace is the project's name. */
    namespace,
    get server(): TestServer {
      if (server === undefined) throw new Error('there is no server in this process')
      return server
    },
    member: (name = 'east'): KubeClient => {
      const client = clients.get(name)
      if (client === undefined) throw new Error(`there is no member ${name}`)
      return client
    },
    /** Stops the server, does what is to be done meanwhile, and starts another on the same data. */
    restart: async (meanwhile: () => Promise<void> = async () => {}) => {
      const stopped = server
      // a `meanwhile` that fails leaves none: whoever closes starts one that cleans up
      server = undefined
      await stopped?.stop()
      await meanwhile()
      server = await openServer(options)
    },
    /** Dials a member elsewhere from now on, with the same credential. */
    readdress: async (name: string, at: Pick<ClusterConnection, 'server' | 'caPem'>) => {
      const { auth } = connectionOf(fleet.clusters[name]?.kubeconfig)
      if (auth.kind !== 'certificate') throw new Error('the fleet gives certificates')
      const { certPem, keyPem } = auth
      await host.apply(clusterSecret(name, { caPem: at.caPem, certPem, keyPem }), { fieldManager, force: true })
      const spec = { connection: { type: 'direct', server: at.server, secretName: `cluster-${name}` } }
      await host.apply({ apiVersion, kind: 'Cluster', metadata: { name }, spec }, { fieldManager, force: true })
    },
    connectionOf: (name: string) => connectionOf(fleet.clusters[name]?.kubeconfig),
    /** Writes an Application; `by` is another writer than the platform. */
    writeApplication: (name: string, spec: Record<string, unknown>, annotations: Record<string, string> = {}) =>
      host.apply(
        { apiVersion, kind: 'Application', metadata: { name, namespace, annotations }, spec },
        { fieldManager: 'alice', force: true },
      ),
    deleteApplication: (name: string) => host.delete({ group, kind: 'Application', namespace, name }),
    sync: (name: string) =>
      host.patch(
        { group, kind: 'Application', namespace, name },
        {
          type: 'merge',
          body: { metadata: { annotations: { 'flotilla.dev/sync-requested': randomBytes(4).toString('hex') } } },
        },
        { fieldManager: 'alice' },
      ),
    getDelivery: (application: string, cluster = 'east') =>
      host.find<KubeObject & Delivery>({ group, kind: 'Delivery', namespace, name: `${application}.${cluster}` }),
    /** Waits for a status. */
    waitFor: (
      application: string,
      what: string,
      is: (status: DeliveryStatus, delivery: Delivery) => boolean,
      more: { cluster?: string; seconds?: number } = {},
    ) =>
      until(
        `${application}: ${what}`,
        async () => {
          const delivery = await target.getDelivery(application, more.cluster)
          return delivery?.status !== undefined && is(delivery.status, delivery) ? delivery.status : undefined
        },
        more.seconds ?? 120,
        async () => JSON.stringify((await target.getDelivery(application, more.cluster))?.status),
      ),
    /** What is wanted now is delivered. */
    settled: (application: string, more: { cluster?: string; seconds?: number; revision?: number } = {}) =>
      target.waitFor(
        application,
        'is settled',
        (status, { spec }) =>
          status.phase === 'Settled' &&
          status.applied?.digest === spec.desired?.digest &&
          status.applied?.syncRequest === spec.syncRequest &&
          (more.revision === undefined || status.applied?.revision === more.revision),
        more,
      ),
    find: (kind: string, name: string, kindGroup = '', cluster = 'east') =>
      target.member(cluster).find({ group: kindGroup, kind, namespace: project, name }),
    /** Where the host sees what pods of the member wrote below `/var/log/hooks`. */
    hooksFolder: join(fleet.dir, 'clusters', fleet.clusters['east']?.name ?? '', 'var-log', 'hooks'),
    helm: async (...args: string[]) => {
      const kubeconfig = fleet.clusters['east']?.kubeconfigPath ?? ''
      const env = {
        ...process.env,
        KUBECONFIG: kubeconfig,
        HELM_CACHE_HOME: dataDir,
        HELM_CONFIG_HOME: dataDir,
        HELM_DATA_HOME: dataDir,
      }
      const { stdout } = await run(join(fleet.dir, 'bin', 'helm'), ['-n', project, ...args], { env })
      return stdout
    },
    /** Packs and pushes a chart of these files; its address as a component wants it. */
    pushChart: async (name: string, version: string, files: Record<string, string>) => ({
      oci: await pushChart(fleet, name, version, files),
    }),
    /** Nothing may stay: the next test's server would work on it. */
    close: async () => {
      server ??= await openServer(options)
      for (const { metadata } of server.state.applications.list(namespace))
        await target.deleteApplication(metadata.name)
      await until('the deliveries are gone', async () => server?.state.deliveries.list(namespace).length === 0)
      await host.delete({ group, kind: 'Project', namespace: workspace, name: project })
      const left = async (kind: string, name: string, inNamespace?: string) =>
        host.find({ group, kind, name, ...(inNamespace === undefined ? {} : { namespace: inNamespace }) })
      await until('the project is gone', async () => (await left('Project', project, workspace)) === undefined)
      for (const name of members) await host.delete({ group, kind: 'Cluster', name })
      for (const name of members) {
        await until(`${name} has left`, async () => (await left('Cluster', name)) === undefined)
      }
      const namespaces = rules.map((rule) => ('namespace' in rule ? rule.namespace : project))
      for (const client of clients.values())
        for (const name of namespaces) await client.delete({ group: '', kind: 'Namespace', name })
      await server.stop()
      ended.abort()
      await Promise.all([host, ...clients.values()].map((client) => client.close()))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  undo.move()
  return target
}

export type TestTarget = Awaited<ReturnType<typeof openTarget>>
