import type { ClusterConnection, Clock, KubeClient, ParsedKubeconfig } from '@flotilla/kube'
import { createKubeClient, parseKubeconfig } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import { failpoint } from '@flotilla/engine'
import {
  annotations,
  apiVersion,
  asFlotillaError,
  Cluster,
  fieldManager,
  FlotillaError,
  group,
  parseInput,
  systemNamespace,
  version,
} from '@flotilla/model'
import type { AddressGuard } from '@flotilla/render'
import type { AddClusterInput, ClusterService } from '../http/deps.ts'
import { clusterSecret, clusterSecretName, type MemberCredential } from './cluster-secret.ts'
import type { HostState } from './host-state.ts'
import { mintAccount } from './member-account.ts'

export interface ClusterServiceDeps {
  readonly host: KubeClient
  readonly state: Pick<HostState, 'clusters'>
  readonly guard: AddressGuard
  readonly userAgent: string
  readonly clock: Clock
  readonly log: Log
}

/** A cluster may be of this minor version or newer. */
const oldestMinor = 29
const probeTimeoutMs = 10_000
const kubeSystem = { group: '', version: 'v1', kind: 'Namespace', name: 'kube-system' }

/** Adds clusters to the fleet and takes them out of it. */
export function createClusterService(deps: ClusterServiceDeps): ClusterService {
  const { host, state, guard, log } = deps
  return {
    add: async (input, by, signal) => {
      if (state.clusters.get('', input.name) !== undefined) throw taken(input.name)
      const { connection } = parseKubeconfig(input.kubeconfig, { context: input.context })
      const allow = await pinned(guard, connection, signal)
      const lent = clientOf(deps, input.name, { ...connection, allowAddress: allow })
      let credential: MemberCredential
      let uid: string
      try {
        uid = await probe(deps, lent, signal)
        credential = await chooseCredential(deps, lent, connection, allow, signal)
      } finally {
        await lent.close()
      }
      failpoint('cluster-service.account')
      await host.apply(clusterSecret(input.name, credential), { fieldManager, force: true, signal })
      failpoint('cluster-service.secret')
      try {
        const created = await host.as(by).create(clusterObject(input, connection), { signal })
        log.info('cluster added', { cluster: input.name, uid, by: by.user })
        return parseInput(Cluster, created, 'internal')
      } catch (thrown) {
        const error = asFlotillaError(thrown)
        // an own Secret without its Cluster would be a credential that nobody knows of
        if (error.code !== 'kube.conflict') await deleteSecret(host, input.name)
        throw error.code === 'kube.conflict' ? taken(input.name) : error
      }
    },
    remove: async (name, objects, by, signal) => {
      const key = { group, version, kind: 'Cluster', name }
      const as = host.as(by)
      try {
        const body = { metadata: { annotations: { [annotations.objects]: objects } } }
        const { metadata } = await as.patch(key, { type: 'merge', body }, { fieldManager: 'flotilla-api', signal })
        failpoint('cluster-service.wish')
        // exactly the object that carries the wish
        const exactly = metadata.uid === undefined ? {} : { uid: metadata.uid }
        await as.delete(key, { ...exactly, signal })
        log.info('cluster is being removed', { cluster: name, objects, by: by.user })
      } catch (thrown) {
        if (asFlotillaError(thrown).code !== 'kube.not_found') throw thrown
        throw new FlotillaError('cluster.not_found', { message: `There is no cluster ${name}`, value: name })
      }
    },
  }
}

/** Checks that it answers, is new enough and is not in the fleet already. Gives the uid of its kube-system. */
async function probe({ state }: ClusterServiceDeps, client: KubeClient, signal: AbortSignal): Promise<string> {
  const options = { signal, timeoutMs: probeTimeoutMs }
  const { major, minor, gitVersion } = await client.serverVersion(options)
  if (Number(major) < 1 || (Number(major) === 1 && Number.parseInt(minor, 10) < oldestMinor)) {
    throw new FlotillaError('input.invalid', {
      message: `The cluster runs Kubernetes ${gitVersion}; Flotilla needs 1.${oldestMinor} or newer`,
      remedy: 'Upgrade the cluster first',
      field: 'kubeconfig',
    })
  }
  const { metadata } = await client.get(kubeSystem, options)
  const uid = metadata.uid ?? ''
  const same = state.clusters.list().find(({ status }) => status?.uid === uid)
  if (same !== undefined) {
    throw new FlotillaError('request.conflict', {
      message: `This cluster is in the fleet already, as ${same.metadata.name}`,
      remedy: `Use ${same.metadata.name}, or remove it first`,
      field: 'kubeconfig',
    })
  }
  return uid
}

/** An account of our own where the lent credential may make one: then that one need not be kept. */
async function chooseCredential(
  deps: ClusterServiceDeps,
  lent: KubeClient,
  connection: ClusterConnection,
  allowAddress: (address: string) => boolean,
  signal: AbortSignal,
): Promise<MemberCredential> {
  const { caPem, auth } = connection
  const token = await mintAccount(lent, deps.clock, signal)
  if (token !== undefined) {
    const own = clientOf(deps, lent.name, { ...connection, allowAddress, auth: { kind: 'token', token: () => token } })
    try {
      await own.get(kubeSystem, { signal, timeoutMs: probeTimeoutMs })
    } finally {
      await own.close()
    }
    return { caPem, token }
  }
  deps.log.warn('lent credential kept', { cluster: lent.name, reason: 'it may not make an account of its own' })
  if (auth.kind === 'certificate') return { caPem, certPem: auth.certPem, keyPem: auth.keyPem }
  if (auth.kind === 'token') return { caPem, token: await auth.token() }
  throw new FlotillaError('kubeconfig.refused', {
    message: 'The kubeconfig holds no credential',
    remedy: 'Give a client certificate or a token.',
    field: 'users[0].user',
  })
}

/** Only the addresses that passed the guard are dialled, whatever the name says a moment later. */
async function pinned(
  guard: AddressGuard,
  { server }: ClusterConnection,
  signal: AbortSignal,
): Promise<(address: string) => boolean> {
  const { addresses } = await guard.pin(server, 'clusters[0].cluster.server', signal)
  const allowed = new Set(addresses.map(({ address }) => address))
  return (address) => allowed.has(address)
}

const clientOf = ({ userAgent, clock }: ClusterServiceDeps, name: string, connection: ParsedKubeconfig['connection']) =>
  createKubeClient({ name, connection, userAgent, clock, limits: { retries: 1 } })

function clusterObject(
  { name, labels, displayName, edge }: AddClusterInput,
  { server, tlsServerName }: ClusterConnection,
) {
  return {
    apiVersion,
    kind: 'Cluster',
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    spec: {
      ...(displayName === undefined ? {} : { displayName }),
      connection: {
        type: 'direct',
        server,
        secretName: clusterSecretName(name),
        ...(tlsServerName === undefined ? {} : { tlsServerName }),
      },
      edge,
    },
  }
}

async function deleteSecret(host: KubeClient, name: string): Promise<void> {
  const key = { group: '', version: 'v1', kind: 'Secret', namespace: systemNamespace, name: clusterSecretName(name) }
  await host.delete(key).catch(() => 'the next add of this name writes it anew')
}

const taken = (name: string): FlotillaError =>
  new FlotillaError('request.conflict', {
    message: `There is a cluster ${name} already`,
    remedy: 'Choose another name, or remove that one first',
    field: 'name',
    value: name,
  })
