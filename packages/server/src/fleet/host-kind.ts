import { createWatch, type KindRef, type KubeClient } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import { fieldPath, type KubeObject } from '@flotilla/model'
import type { z } from 'zod'
import type { HostKind } from './host-state.ts'

export interface HostKindOptions<T> {
  readonly client: KubeClient
  readonly kind: KindRef
  readonly schema: z.ZodType<T>
  readonly log: Log
  readonly signal: AbortSignal
}

export interface HostKindWatch<T> extends HostKind<T> {
  synced(signal: AbortSignal): Promise<void>
}

type Parsed<T> = { readonly object: T } | { readonly unreadable: string }
type Listener<T> = (key: string, object: T | undefined) => void

/** One watched kind of the host. See `HostKind`. */
export function createHostKind<T>({ client, kind, schema, log, signal }: HostKindOptions<T>): HostKindWatch<T> {
  const unreadable = new Map<string, string>()
  const listeners = new Set<Listener<T>>()
  /** Objects of one namespace, so that a list of one namespace does not walk them all. */
  const namespaces = new Map<string, Map<string, T>>()

  const tell = (key: string, object: T | undefined): void => {
    for (const listener of listeners) {
      try {
        listener(key, object)
      } catch (thrown) {
        log.error('listener failed', {
          kind: kind.kind,
          key,
          stack: thrown instanceof Error ? thrown.stack : undefined,
        })
      }
    }
  }

  const watch = createWatch<Parsed<T>>({
    client,
    kind,
    signal,
    project: (object) => parseObject(schema, object),
    onEvent: (change) => {
      const { namespace, name, key } = splitKey(change.key)
      const parsed = change.type === 'deleted' ? undefined : change.object
      if (parsed !== undefined && 'unreadable' in parsed) {
        if (unreadable.get(key) !== parsed.unreadable) {
          log.error('object unreadable', { kind: kind.kind, key, reason: parsed.unreadable })
        }
        unreadable.set(key, parsed.unreadable)
      } else {
        unreadable.delete(key)
      }
      const object = parsed !== undefined && 'object' in parsed ? parsed.object : undefined
      const siblings = namespaces.get(namespace) ?? new Map<string, T>()
      if (object === undefined) siblings.delete(name)
      else siblings.set(name, object)
      if (siblings.size === 0) namespaces.delete(namespace)
      else namespaces.set(namespace, siblings)
      tell(key, object)
    },
    onState: (state) => {
      if (state.state === 'stale') log.warn('host watch stale', { kind: kind.kind, reason: state.reason })
    },
  })

  return {
    unreadable,
    get: (namespace, name) => namespaces.get(namespace)?.get(name),
    list: (namespace) => {
      if (namespace !== undefined) return [...(namespaces.get(namespace)?.values() ?? [])]
      return Array.from(namespaces.values(), (siblings) => Array.from(siblings.values())).flat()
    },
    onChange: (listener) => {
      listeners.add(listener)
      // after the caller has finished its own set-up
      queueMicrotask(() => {
        if (!listeners.has(listener)) return
        for (const [namespace, siblings] of namespaces) {
          for (const [name, object] of siblings) listener(`${namespace}/${name}`, object)
        }
      })
      return () => listeners.delete(listener)
    },
    synced: (waiting) => watch.synced(waiting),
  }
}

/** A status that cannot be read (of another version) is dropped rather than the object: it will be written anew. */
function parseObject<T>(schema: z.ZodType<T>, object: KubeObject): Parsed<T> {
  const whole = schema.safeParse(object)
  if (whole.success) return { object: whole.data }
  const { status: _status, ...withoutStatus } = object
  const declared = schema.safeParse(withoutStatus)
  if (declared.success) return { object: declared.data }
  const [issue] = declared.error.issues
  return { unreadable: issue === undefined ? 'does not parse' : `${fieldPath(issue.path)}: ${issue.message}` }
}

function splitKey(watchKey: string): { namespace: string; name: string; key: string } {
  const slash = watchKey.indexOf('/')
  const namespace = slash < 0 ? '' : watchKey.slice(0, slash)
  const name = watchKey.slice(slash + 1)
  return { namespace, name, key: `${namespace}/${name}` }
}
