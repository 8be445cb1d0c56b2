import { type Clock, createWatch, type KubeClient } from '@flotilla/kube'
import { asFlotillaError, fieldManager, labels, systemNamespace } from '@flotilla/model'
import {
  type AgentKeys,
  agentSecret,
  agentSecretLabel,
  agentSecretName,
  hashOfKey,
  newAgentToken,
  newJoinCode,
  parseAgentSecret,
} from './agent-secret.ts'

/** Which agent has which key. What is written here holds for every replica that watches the host. */
export interface AgentKeyStore {
  /** The cluster that a token belongs to. */
  clusterOf(token: string): string | undefined
  /** Whether the key with this hash is still good for the cluster. */
  isGood(cluster: string, hash: string): boolean
  /** A code for a manifest, good once until `expiresAt`; an older one is good no longer. */
  invite(cluster: string, image: string | undefined, signal: AbortSignal): Promise<{ code: string; expiresAt: string }>
  /** A token for the cluster of the code, which is spent with it; undefined for a code that is not good. */
  redeem(
    code: string,
    signal: AbortSignal,
  ): Promise<{ cluster: string; token: string; image: string | undefined } | undefined>
  /** A further token, beside the one that is in use. */
  issue(cluster: string, signal: AbortSignal): Promise<string>
  /** A token was used for the first time: the one before is good no longer. */
  used(cluster: string, hash: string, signal: AbortSignal): Promise<void>
  /** No key of the cluster is good any longer. */
  revoke(cluster: string, signal: AbortSignal): Promise<void>
  synced(signal: AbortSignal): Promise<void>
  onChange(listener: (cluster: string) => void): () => void
}

/** How long a code for a manifest is good. */
const codeMs = 60 * 60_000
const mostConflicts = 5
const kind = { group: '', version: 'v1', kind: 'Secret' }

export function createAgentKeyStore(options: {
  readonly host: KubeClient
  readonly clock: Pick<Clock, 'now'>
  readonly signal: AbortSignal
}): AgentKeyStore {
  const { host, clock } = options
  const byCluster = new Map<string, AgentKeys>()
  const listeners = new Set<(cluster: string) => void>()
  const take = (cluster: string, keys: AgentKeys | undefined): void => {
    if (keys === undefined) byCluster.delete(cluster)
    else byCluster.set(cluster, keys)
    for (const listener of listeners) listener(cluster)
  }
  const watch = createWatch<AgentKeys | undefined>({
    client: host,
    kind,
    namespace: systemNamespace,
    labelSelector: `${labels.managed}=${agentSecretLabel}`,
    signal: options.signal,
    project: parseAgentSecret,
    onEvent: ({ type, key, object }) => {
      const cluster = key.slice(key.indexOf('/') + 1 + agentSecretName('').length)
      take(cluster, type === 'deleted' ? undefined : object)
    },
  })

  /** Reads, changes and writes; what somebody else wrote in between is read anew. */
  async function change<T>(
    cluster: string,
    by: (keys: AgentKeys) => { keys: AgentKeys; result: T } | undefined,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    for (let attempt = 1; ; attempt++) {
      const found = await host.find({ ...kind, namespace: systemNamespace, name: agentSecretName(cluster) }, { signal })
      const changed = by((found === undefined ? undefined : parseAgentSecret(found)) ?? { cluster })
      if (changed === undefined) return undefined
      const object = agentSecret(changed.keys)
      try {
        const version = found?.metadata.resourceVersion
        await (version === undefined
          ? host.create(object, { fieldManager, signal })
          : host.update(
              { ...object, metadata: { ...object.metadata, resourceVersion: version } },
              { fieldManager, signal },
            ))
        // the watch may take a moment, and what was just written has to hold at once
        take(cluster, changed.keys)
        return changed.result
      } catch (thrown) {
        if (asFlotillaError(thrown).code !== 'kube.conflict' || attempt === mostConflicts) throw thrown
      }
    }
  }

  const withHash = (field: 'token' | 'next' | 'code', hash: string): AgentKeys | undefined =>
    [...byCluster.values()].find((keys) => keys[field] === hash)
  const isFresh = ({ codeExpires = '' }: AgentKeys): boolean => Date.parse(codeExpires) > clock.now()

  return {
    clusterOf: (token) => {
      const hash = hashOfKey(token)
      return (withHash('token', hash) ?? withHash('next', hash))?.cluster
    },
    isGood: (cluster, hash) => {
      const keys = byCluster.get(cluster)
      return keys !== undefined && (keys.token === hash || keys.next === hash)
    },
    invite: async (cluster, image, signal) => {
      const code = newJoinCode()
      const codeExpires = new Date(clock.now() + codeMs).toISOString()
      await change(
        cluster,
        (keys) => ({ keys: { ...keys, code: hashOfKey(code), codeExpires, image }, result: true }),
        signal,
      )
      return { code, expiresAt: codeExpires }
    },
    redeem: async (code, signal) => {
      const hash = hashOfKey(code)
      const cluster = withHash('code', hash)?.cluster
      if (cluster === undefined) return undefined
      const token = newAgentToken()
      return await change(
        cluster,
        // of two that come at once only one finds the code there
        (keys) =>
          keys.code !== hash || !isFresh(keys)
            ? undefined
            : {
                keys: { ...keys, code: undefined, codeExpires: undefined, next: hashOfKey(token) },
                result: { cluster, token, image: keys.image },
              },
        signal,
      )
    },
    issue: async (cluster, signal) => {
      const token = newAgentToken()
      await change(cluster, (keys) => ({ keys: { ...keys, next: hashOfKey(token) }, result: true }), signal)
      return token
    },
    used: async (cluster, hash, signal) => {
      if (byCluster.get(cluster)?.next !== hash) return
      await change(
        cluster,
        (keys) => (keys.next === hash ? { keys: { ...keys, token: hash, next: undefined }, result: true } : undefined),
        signal,
      )
    },
    revoke: async (cluster, signal) => {
      await change(cluster, () => ({ keys: { cluster }, result: true }), signal)
    },
    synced: (signal) => watch.synced(signal),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
