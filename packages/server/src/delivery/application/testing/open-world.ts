import { noAgents } from '../../../testing/no-agents.ts'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppliedMemory, createJsonLog, runController, silentLog } from '@flotilla/engine'
import { createKubeClient, systemClock } from '@flotilla/kube'
import { ensurePart, openTestFleet } from '@flotilla/local'
import {
  apiVersion,
  type Application,
  type Delivery,
  fieldManager,
  type KubeObject,
  projectNamespace,
  workspaceNamespace,
} from '@flotilla/model'
import { createAddressGuard, createRenderer } from '@flotilla/render'
import { installPlatform } from '../../../access/install/install-platform.ts'
import { createFleetConnections } from '../../../fleet/connections.ts'
import { clusterSecret } from '../../../fleet/cluster-secret.ts'
import { createHostState } from '../../../fleet/host-state.ts'
import { createMembers } from '../../../fleet/members.ts'
import { runFleet } from '../../../fleet/run-fleet.ts'
import { createSecretIndex } from '../../../fleet/secret-index.ts'
import { watchSight } from '../../../fleet/sight-watch.ts'
import { openSqliteStore } from '../../../store/sqlite-store.ts'
import { createStoredSets } from '../../stored-sets.ts'
import { type ApplicationController, createApplicationController } from '../application-controller.ts'
import { createApplicationServices } from '../services.ts'
import { createUploadReader } from '../source-store.ts'
import { pushChart } from '../../testing/push-chart.ts'
import { everyApiAvailable } from '@flotilla/kube/testing/every-api-available'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { until } from '../../../testing/until.ts'

/**
 * Applications on real API servers, rendered by the real worker. Nobody delivers: the test plays the Delivery
 * controller by writing statuses.
 */
export async function openWorld() {
  const fleet = await openTestFleet()
  const ended = new AbortController()
  const { signal } = ended
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-data-'))
  const debug = process.env['FLOTILLA_TEST_LOG'] !== undefined
  const log = debug ? createJsonLog({ write: (line) => process.stderr.write(`${line}\n`), level: 'debug' }) : silentLog
  const hub = connectionOf(fleet.clusters['hub']?.kubeconfig)
  const host = createKubeClient({ name: 'hub', connection: hub, userAgent: 'flotilla-test' })
  await installPlatform({ host, clock: systemClock, signal })
  const connection = connectionOf(fleet.clusters['east']?.kubeconfig)
  if (connection.auth.kind !== 'certificate') throw new Error('the fleet gives certificates')
  const { certPem, keyPem } = connection.auth
  await host.apply(clusterSecret('east', { caPem: connection.caPem, certPem, keyPem }), { fieldManager, force: true })
  const east = {
    apiVersion,
    kind: 'Cluster',
    metadata: { name: 'east', labels: { region: 'eu' } },
    spec: { connection: { type: 'direct', server: connection.server, secretName: 'cluster-east' } },
  }
  await host.apply(east, { fieldManager, force: true })
  const member = createKubeClient({ name: 'east', connection, userAgent: 'flotilla-test' })
  // what was rendered before and after one comes up differs: tests compare over a restart
  await until('every API of east', () => everyApiAvailable(member))
  const projectName = `app-${randomBytes(3).toString('hex')}`
  const namespace = projectNamespace(projectName)
  await host.apply({ apiVersion, kind: 'Workspace', metadata: { name: 'retail' }, spec: {} }, { fieldManager })
  const project = {
    apiVersion,
    kind: 'Project',
    metadata: { name: projectName, namespace: workspaceNamespace('retail') },
    spec: {
      // two targets in one member: a cluster of its own for each would cost every test run a gigabyte
      targets: [
        { clusters: {}, environment: 'prod' },
        { clusters: {}, environment: 'staging', namespace: `${projectName}-staging` },
      ],
    },
  }

  const workerPath = await ensurePart('helm-worker')
  const guard = createAddressGuard({
    allowedHosts: [fleet.registry.address],
    allowedCidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  })
  const server = await startServer()
  await until('the workspace is ready', async () => {
    // admission wants the namespace of the workspace first
    return host.apply(project, { fieldManager }).catch(() => undefined)
  })
  await until('the project is ready', async () => {
    const key = { group: 'flotilla.dev', kind: 'Project', namespace: workspaceNamespace('retail'), name: projectName }
    const { status } = (await host.get(key)) as { status?: { targets?: { state: string }[] } }
    return status?.targets?.length === 2 && status.targets.every(({ state }) => state === 'Ready')
  })

  /** Everything that dies with a process of the server, but the host and the store's files. */
  async function startServer() {
    const life = new AbortController()
    const store = await openSqliteStore({ dataDir })
    const state = createHostState({ client: host, log, signal: life.signal })
    const connections = createFleetConnections({
      agents: noAgents,
      agentMissing: '',
      host,
      clusters: state.clusters,
      clock: systemClock,
      log,
      signal: life.signal,
      userAgent: 'flotilla-test',
      guard,
    })
    const renderer = createRenderer({
      workerPath,
      digestKey: store.digestKey,
      guard,
      insecureHosts: [fleet.registry.address],
      allowFileGit: true,
      blobs: store.blobs,
      readUpload: createUploadReader(store.blobs),
    })
    const sets = createStoredSets(store.blobs, store.digestKey)
    const members = createMembers({ fleet: connections, clock: systemClock, log, signal: life.signal })
    let hostChanged = (): void => {}
    const hostSight = watchSight(host, 'host', () => hostChanged(), life.signal)
    const secrets = createSecretIndex(host, life.signal)
    await state.synced(life.signal)
    const deps = {
      host,
      state,
      fleet: connections,
      members,
      hostSight,
      hostMemory: new AppliedMemory(),
      clock: systemClock,
      log,
    }
    const ownership = runFleet({ deps, secrets, signal: life.signal, log })
    hostChanged = ownership.hostChanged
    const applications: ApplicationController = createApplicationController({
      state,
      fleet: connections,
      store,
      sets,
      renderer,
      clock: systemClock,
      log,
    })
    const running = runController(applications.controller, { signal: life.signal, log })
    const end = applications.subscribe((key) => running.enqueue(key))
    secrets.onChange((key) => applications.secretChanged(key))
    return {
      store,
      state,
      sets,
      renderer,
      applications,
      running,
      services: createApplicationServices(applications.shared, store.revisions),
      stop: async () => {
        end()
        await Promise.all([running, ...ownership.controllers].map((controller) => controller.stop()))
        life.abort()
        await renderer.close()
        await store.close()
      },
    }
  }

  const world = {
    host,
    /** The member as its administrator. */
    member,
    fleet,
    namespace,
    projectName,
    prod: (application: string) => `${application}.east`,
    staging: (application: string) => `${application}.east.${projectName}-staging`,
    server,
    /** Stops the server and starts another one on the same host and store. */
    restart: async () => {
      await world.server.stop()
      world.server = await startServer()
    },
    writeApplication: (name: string, spec: Record<string, unknown>) =>
      host.apply(
        { apiVersion, kind: 'Application', metadata: { name, namespace }, spec },
        { fieldManager: 'alice', force: true },
      ),
    getApplication: (name: string) =>
      host.get({ group: 'flotilla.dev', kind: 'Application', namespace, name }) as unknown as Promise<Application>,
    getDelivery: (name: string) =>
      host.find({ group: 'flotilla.dev', kind: 'Delivery', namespace, name }) as unknown as Promise<
        Delivery | undefined
      >,
    /** Plays the Delivery controller: what is wanted is applied, and healthy. */
    deliver: async (name: string) => {
      const delivery = await world.getDelivery(name)
      const desired = delivery?.spec.desired
      if (delivery === undefined || desired === undefined) throw new Error(`nothing is wanted of ${name}`)
      const { syncRequest } = delivery.spec
      const applied = {
        revision: desired.revision,
        digest: desired.digest,
        at: new Date().toISOString(),
        ...(syncRequest === undefined ? {} : { syncRequest }),
      }
      const components = desired.components.map(({ name: component, releaseName }) => ({
        name: component,
        health: 'Healthy',
        // JSON leaves it out where there is no release
        helmRevision: releaseName === undefined ? undefined : 1,
      }))
      const status = { phase: 'Settled', health: 'Healthy', applied, components }
      await host.replaceStatus({ ...(delivery as unknown as KubeObject), status })
    },
    /** Packs and pushes a chart of these files; its address as a component wants it. */
    pushChart: (name: string, version: string, files: Record<string, string>) => pushChart(fleet, name, version, files),
    close: async () => {
      try {
        await removeAll()
      } finally {
        await world.server.stop()
        ended.abort()
        await Promise.all([host.close(), member.close()])
        await rm(dataDir, { recursive: true, force: true })
      }
    },
  }

  async function removeAll(): Promise<void> {
    const application = { group: 'flotilla.dev', kind: 'Application' }
    const list = () => host.list(application, { namespace })
    for (const { metadata } of (await list()).items)
      await host.delete({ ...application, namespace, name: metadata.name })
    await until('the applications are gone', async () => (await list()).items.length === 0)
    const key = { group: 'flotilla.dev', kind: 'Project', namespace: workspaceNamespace('retail'), name: projectName }
    await host.delete(key)
    await until('the project is gone', async () => (await host.find(key)) === undefined)
    const cluster = { group: 'flotilla.dev', kind: 'Cluster', name: 'east' }
    await host.delete(cluster)
    await until('east has left', async () => (await host.find(cluster)) === undefined)
  }
  return world
}

/** Waits until it is so; fails with what was last so. */
