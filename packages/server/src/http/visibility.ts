import { group } from '@flotilla/model'
import type { Identity } from '@flotilla/kube'
import { type Authorizer, forbidden } from '../access/authorizer.ts'

/** Which namespaces a person may list a kind in. Lists from memory are filtered by it, and so is the live stream. */
export interface Visibility {
  /** Those of `namespaces` in which the person may list the resource. */
  among(
    identity: Identity,
    resource: string,
    namespaces: Iterable<string>,
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>>
  may(identity: Identity, verb: 'get' | 'list', resource: string, namespace: string, name?: string): Promise<boolean>
  check(identity: Identity, verb: 'get' | 'list', resource: string, namespace: string, name?: string): Promise<void>
}

const atOnce = 16

export function createVisibility(authorizer: Authorizer): Visibility {
  const may: Visibility['may'] = async (identity, verb, resource, namespace, name) =>
    // who may list may get each of them, as Kubernetes' own roles have it; so one answer serves many rows
    (await authorizer.may(identity, { verb: 'list', group, resource, namespace })) ||
    (verb === 'get' && (await authorizer.may(identity, { verb, group, resource, namespace, name })))
  return {
    may,
    check: async (identity, verb, resource, namespace, name) => {
      if (!(await may(identity, verb, resource, namespace, name)))
        throw forbidden({ verb, group, resource, namespace, name })
    },
    among: async (identity, resource, namespaces, signal) => {
      const wanted = [...new Set(namespaces)]
      if (wanted.length === 0) return new Set()
      const question = { verb: 'list', group, resource }
      if (await authorizer.may(identity, { ...question, namespace: '' }, signal)) return new Set(wanted)
      const allowed = new Set<string>()
      for (let start = 0; start < wanted.length; start += atOnce) {
        await Promise.all(
          wanted.slice(start, start + atOnce).map(async (namespace) => {
            if (await authorizer.may(identity, { ...question, namespace }, signal)) allowed.add(namespace)
          }),
        )
      }
      return allowed
    },
  }
}
