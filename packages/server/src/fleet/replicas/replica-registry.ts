import { asFlotillaError, fieldManager, type KubeObject, labels, systemNamespace } from '@flotilla/model'
import { type Clock, createWatch, type KubeClient } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import { tunnelClasses } from '@flotilla/tunnel'
import type { HeldTunnel } from '../agents/agent-tunnels.ts'

export interface Replica {
  readonly name: string
  /** `host:port` at which other servers reach it. */
  readonly address: string
  readonly tunnels: readonly HeldTunnel[]
}

/** Which servers live, and which agents' tunnels end in each. Kept as Leases (coordination.k8s.io) in the host. */
export interface ReplicaRegistry {
  /** The others, as they were last heard. */
  others(): readonly Replica[]
  onChange(listener: () => void): () => void
  /** Tells the others what ends here. */
  publish(tunnels: readonly HeldTunnel[]): void
  /** Takes this server off. */
  close(): Promise<void>
}

const renewMs = 5_000
/** By our own clock, since its lease last changed. */
const silentMs = 15_000
/** Lease of one that was killed. */
const forgottenMs = 120_000
const addressAnnotation = 'flotilla.dev/address'
const tunnelsAnnotation = 'flotilla.dev/tunnels'
const leaseOf = (name: string): string => `flotilla-replica-${name}`
const kind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' }

export interface RegistryOptions {
  readonly host: KubeClient
  readonly name: string
  readonly address: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export function createReplicaRegistry({ host, name, address, clock, log, signal }: RegistryOptions): ReplicaRegistry {
  const heard = new Map<string, { replica: Replica; at: number }>()
  const listeners = new Set<() => void>()
  const tell = (): void => listeners.forEach((listener) => listener())
  let held: readonly HeldTunnel[] = []
  let wake = (): void => {}

  createWatch<Replica | undefined>({
    client: host,
    kind,
    namespace: systemNamespace,
    labelSelector: `${labels.managed}=replica`,
    signal,
    clock,
    project: readReplica,
    onEvent: ({ type, object }) => {
      if (object === undefined || object.name === name) return
      const before = heard.get(object.name)?.replica
      if (type === 'deleted') heard.delete(object.name)
      else heard.set(object.name, { replica: object, at: clock.elapsed() })
      // a renewal says nothing new
      if (type === 'deleted' || JSON.stringify(before) !== JSON.stringify(object)) tell()
    },
  })

  const write = (): Promise<unknown> => {
    const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z')
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: leaseOf(name),
        namespace: systemNamespace,
        labels: { [labels.managed]: 'replica' },
        annotations: { [addressAnnotation]: address, [tunnelsAnnotation]: JSON.stringify(held) },
      },
      spec: { holderIdentity: name, leaseDurationSeconds: silentMs / 1000, renewTime },
    }
    return host.apply(lease, { fieldManager, force: true, signal })
  }

  /** Others that were not heard for long are not there, whatever their lease says. */
  function dropSilent(): void {
    let dropped = false
    for (const [other, { at }] of heard) {
      const silent = clock.elapsed() - at
      if (silent > forgottenMs) {
        heard.delete(other)
        host
          .delete({ ...kind, namespace: systemNamespace, name: leaseOf(other) }, { signal })
          .catch(() => 'gone, or later')
      } else if (silent > silentMs && silent <= silentMs + 2 * renewMs) dropped = true
    }
    if (dropped) tell()
  }

  async function renew(): Promise<void> {
    while (!signal.aborted) {
      // before the write: what changes during it is told right after it
      const woken = new AbortController()
      wake = () => woken.abort()
      await write().catch((thrown: unknown) => {
        if (!signal.aborted) log.warn('replica not registered', { reason: asFlotillaError(thrown).message })
      })
      dropSilent()
      await clock.sleep(renewMs, AbortSignal.any([signal, woken.signal])).catch(() => 'earlier')
    }
  }
  const renewing = renew()

  return {
    others: () =>
      [...heard.values()]
        .filter(({ at }) => clock.elapsed() - at <= silentMs)
        .map(({ replica }) => replica)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    publish: (tunnels) => {
      if (JSON.stringify(tunnels) === JSON.stringify(held)) return
      held = tunnels
      wake()
    },
    close: async () => {
      await renewing
      await host
        .delete({ ...kind, namespace: systemNamespace, name: leaseOf(name) })
        .catch(() => 'the others find out by themselves')
    },
  }
}

/** Undefined for what no server wrote. */
function readReplica({ metadata }: KubeObject): Replica | undefined {
  const { name } = metadata
  const address = metadata.annotations?.[addressAnnotation]
  if (!name.startsWith(leaseOf('')) || address === undefined) return undefined
  return {
    name: name.slice(leaseOf('').length),
    address,
    tunnels: readTunnels(metadata.annotations?.[tunnelsAnnotation]),
  }
}

function readTunnels(text: string | undefined): HeldTunnel[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isHeld) : []
  } catch {
    return []
  }
}

const isHeld = (value: unknown): value is HeldTunnel => {
  const { cluster, epoch, class: ofClass } = (value ?? {}) as Partial<HeldTunnel>
  return typeof cluster === 'string' && Number.isSafeInteger(epoch) && tunnelClasses.some((one) => one === ofClass)
}
