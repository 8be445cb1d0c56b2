import { randomBytes, randomUUID } from 'node:crypto'
import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, fieldManager, FlotillaError, labels, systemNamespace } from '@flotilla/model'
import { storeOf } from './store-of-channel.ts'
import type { Store } from './store.ts'
import type { StoreKeys } from './store-keys.ts'
import { openWorkerChannel } from './worker-channel.ts'

export interface PostgresStoreOptions {
  /** `postgresql://...`; it holds the password. */
  readonly url: string
  readonly keys: StoreKeys
}

/** Opens a store that several servers share. Fails with `store.unavailable` when it is not reached or the keys are of another. */
export async function openPostgresStore({ url, keys }: PostgresStoreOptions): Promise<Store> {
  return storeOf(await openWorkerChannel({ kind: 'postgres', url, blobKey: keys.blobs }), keys)
}

const secret = { group: '', version: 'v1', kind: 'Secret', namespace: systemNamespace, name: 'flotilla-store-keys' }
const keyBytes = 32

/**
 * The keys of a shared database, from a Secret in the host, where every server finds the same and the database's backups do
 * not have them. Made when there is none. `instance` names this process for its life.
 */
export async function readSharedKeys(host: KubeClient, signal: AbortSignal): Promise<StoreKeys> {
  const found = await host.find(secret, { signal })
  if (found !== undefined) {
    const held = (found['data'] ?? {}) as Partial<Record<string, string>>
    const [blobs, digests] = [held['blobs'], held['digests']].map((text) => Buffer.from(text ?? '', 'base64'))
    if (blobs?.length === keyBytes && digests?.length === keyBytes) return { blobs, digests, instance: randomUUID() }
    throw new FlotillaError('store.unavailable', {
      message: `The Secret ${secret.name} in ${secret.namespace} is not what Flotilla wrote.`,
      remedy: 'Restore it from the backup of the host cluster; without it the database cannot be read.',
    })
  }
  const random = (): string => randomBytes(keyBytes).toString('base64')
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret.name, namespace: secret.namespace, labels: { [labels.managed]: 'store-keys' } },
    immutable: true,
    data: { blobs: random(), digests: random() },
  }
  await host.create(object, { fieldManager, signal }).catch((thrown: unknown) => {
    // another server was first: what it wrote counts
    if (asFlotillaError(thrown).code !== 'kube.conflict') throw thrown
  })
  return readSharedKeys(host, signal)
}
