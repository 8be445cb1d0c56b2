import { group } from '@flotilla/model'
import type { Identity } from '@flotilla/kube'
import { type Authorizer, forbidden } from '../access/authorizer.ts'
import type { RbacView } from '../access/rbac/rbac-view.ts'

/** What of memory a person may read. Lists are filtered by it, and so is the live stream. */
export interface Visibility {
  /** Where the person may do something; of `namespaces`, unless it is everywhere. */
  places(
    identity: Identity,
    asked: { readonly verb: string; readonly resource: string },
    namespaces: Iterable<string>,
    signal?: AbortSignal,
  ): Promise<'everywhere' | ReadonlySet<string>>
  /** Those of `namespaces` in which the person may list the resource. */
  among(
    identity: Identity,
    resource: string,
    namespaces: Iterable<string>,
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>>
  /** Those of the objects that the person may list or get; the very objects that were given. */
  objects<T extends Placed>(
    identity: Identity,
    resource: string,
    all: readonly T[],
    signal?: AbortSignal,
  ): Promise<ReadonlySet<T>>
  may(identity: Identity, verb: 'get' | 'list', resource: string, namespace: string, name?: string): Promise<boolean>
  check(identity: Identity, verb: 'get' | 'list', resource: string, namespace: string, name?: string): Promise<void>
}

/** An object by its place; without a namespace it is of the cluster. */
export interface Placed {
  readonly namespace: string
  readonly name: string
}

const atOnce = 16

/** By the host's roles as they are watched, without a question to it; while they are not seen, by its own authorizer. */
export function createVisibility(authorizer: Authorizer, rbac?: RbacView): Visibility {
  const mayNow: Authorizer['may'] = async (identity, asked, signal) =>
    rbac?.may(identity, asked) ?? (await authorizer.may(identity, asked, signal))

  const may: Visibility['may'] = async (identity, verb, resource, namespace, name) =>
    // who may list may get each of them, as Kubernetes' own roles have it; so one answer serves many rows
    (await mayNow(identity, { verb: 'list', group, resource, namespace })) ||
    (verb === 'get' && (await mayNow(identity, { verb, group, resource, namespace, name })))

  /** Those that are allowed, a few questions at a time. */
  async function those<T>(wanted: readonly T[], isAllowed: (one: T) => Promise<boolean>): Promise<Set<T>> {
    const allowed = new Set<T>()
    for (let start = 0; start < wanted.length; start += atOnce) {
      await Promise.all(
        wanted.slice(start, start + atOnce).map(async (one) => {
          if (await isAllowed(one)) allowed.add(one)
        }),
      )
    }
    return allowed
  }

  const places: Visibility['places'] = async (identity, asked, namespaces, signal) => {
    const wanted = [...new Set(namespaces)]
    if (wanted.length === 0) return new Set()
    const question = { ...asked, group }
    const known = rbac?.places(identity, question)
    if (known === 'everywhere') return known
    if (known !== undefined) return new Set(wanted.filter((namespace) => known.has(namespace)))
    if (await authorizer.may(identity, { ...question, namespace: '' }, signal)) return 'everywhere'
    return those(wanted, (namespace) => authorizer.may(identity, { ...question, namespace }, signal))
  }

  const among: Visibility['among'] = async (identity, resource, namespaces, signal) => {
    const wanted = [...namespaces]
    const found = await places(identity, { verb: 'list', resource }, wanted, signal)
    return found === 'everywhere' ? new Set(wanted) : found
  }

  return {
    may,
    check: async (identity, verb, resource, namespace, name) => {
      if (!(await may(identity, verb, resource, namespace, name)))
        throw forbidden({ verb, group, resource, namespace, name })
    },
    places,
    among,
    objects: async (identity, resource, all, signal) => {
      const listed = await among(
        identity,
        resource,
        all.map(({ namespace }) => namespace),
        signal,
      )
      const rest = all.filter(({ namespace }) => !listed.has(namespace))
      const got = await those(rest, ({ namespace, name }) =>
        mayNow(identity, { verb: 'get', group, resource, namespace, name }, signal),
      )
      return new Set(all.filter((one) => listed.has(one.namespace) || got.has(one)))
    },
  }
}
