import { randomUUID } from 'node:crypto'
import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject, User } from '@flotilla/model'
import type { MemoryState } from './memory-state.ts'

/**
 * Stands for the host where people who sign in through providers become Users: writes them to the state in memory.
 * `secrets` holds what the providers' Secrets do.
 */
export function memoryHost(state: MemoryState, secrets: ReadonlyMap<string, string>): KubeClient {
  let version = 1
  const put = (object: unknown): KubeObject => {
    const user = User.parse(object)
    state.users.put({ ...user, metadata: { ...user.metadata, resourceVersion: String(++version) } })
    return (state.users.get('', user.metadata.name) ?? user) as unknown as KubeObject
  }
  const get = (name: string): User => {
    const user = state.users.get('', name)
    if (user === undefined) throw new FlotillaError('kube.not_found', { message: `no user ${name}` })
    return user
  }
  const host = {
    create: async (object: KubeObject) => {
      if (state.users.get('', object.metadata.name) !== undefined)
        throw new FlotillaError('kube.conflict', { message: 'it is there already' })
      return put({ ...object, metadata: { ...object.metadata, uid: randomUUID() } })
    },
    get: async ({ name }: { name: string }) => get(name) as unknown as KubeObject,
    patch: async ({ name }: { name: string }, { body }: { body: { spec: object } }) => {
      const user = get(name)
      return put({ ...user, spec: { ...user.spec, ...body.spec } })
    },
    replaceStatus: async (object: KubeObject) => {
      const user = get(object.metadata.name)
      if (user.metadata.resourceVersion !== object.metadata.resourceVersion)
        throw new FlotillaError('kube.conflict', { message: 'it changed' })
      return put({ ...user, status: object['status'] })
    },
    find: async ({ kind, name }: { kind: string; name: string }) => {
      const secret = secrets.get(name)
      if (kind !== 'Secret' || secret === undefined) return undefined
      return { data: { secret: Buffer.from(secret).toString('base64') } }
    },
  }
  // only what signing in through a provider reaches is there; the rest is undefined and fails loudly
  return host as unknown as KubeClient
}
