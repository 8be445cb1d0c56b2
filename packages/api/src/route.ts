import type { ErrorCode } from '@flotilla/model'
import type { z } from 'zod'
import { type Addresses, type RouteId, addresses } from './addresses.ts'

/** Where a right is asked for: the namespace comes from the route's parameters, never from the body. */
export type RightScope =
  /** Cluster-scoped in the host. */
  | 'cluster'
  /** The host namespace of the project in `params.project`. */
  | 'project'
  /** The platform's own namespace. */
  | 'system'
  /** Wherever the thing named by the request lives; the host's API server decides, asked as the person. */
  | 'named'

export interface ResourceRight {
  /** `audit` is a verb of Flotilla's own: reading what was done in a place. */
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'audit'
  /** Plural, with a subresource where one is meant: `pods/log`. `*` when the request names the kind. */
  readonly resource: string
  /** API group; the core group is the empty string. */
  readonly group: string
  readonly scope: RightScope
}

/** Who may call a route. Every route says it; a test refuses one that does not. */
export type Rights =
  /** Anybody who reaches the server. */
  | { readonly kind: 'public'; readonly why: string }
  /** Whoever is signed in; the route touches only what is theirs. */
  | { readonly kind: 'signed-in'; readonly why: string }
  /**
   * Kubernetes RBAC, asked as the person. `refuse`: without the right there is no answer. `filter`: the answer holds
   * only what the person may read. `member` is asked of the member cluster at the same time, by impersonation.
   */
  | {
      readonly kind: 'kubernetes'
      readonly mode: 'refuse' | 'filter'
      readonly needs: readonly ResourceRight[]
      readonly member?: readonly Omit<ResourceRight, 'scope'>[]
    }

export interface RouteShape {
  readonly summary: string
  readonly params: z.ZodObject | undefined
  readonly query: z.ZodObject | undefined
  readonly body: z.ZodType | undefined
  /** Of a streamed answer: one item. */
  readonly result: z.ZodType
  /** Codes that a caller should expect beside those that every route has. */
  readonly errors: readonly ErrorCode[]
  readonly rights: Rights
  /** Status of success; 200 when left out. */
  readonly status?: 200 | 201 | 202
  /** Largest body in bytes; 64 KiB when left out. */
  readonly maxBodyBytes?: number
  /** When what it does is written down; when left out, `after` for everything but GET, which is `never`. */
  readonly audited?: AuditTime
}

/**
 * `before`: what is privileged does not happen where it cannot be written down first. `after`: at once, without waiting
 * for it. `never`: it changes nothing.
 */
export type AuditTime = 'before' | 'after' | 'never'

export const auditTimeOf = ({ audited, method }: Pick<AnyRoute, 'audited' | 'method'>): AuditTime =>
  audited ?? (method === 'GET' ? 'never' : 'after')

/** Joins a route's address with what it takes and gives; the literal types survive, so that the client is inferred. */
export function defineRoute<const Id extends RouteId, const Shape extends RouteShape>(
  id: Id,
  shape: Shape,
): Shape & Addresses[Id] & { readonly id: Id } {
  return { ...shape, ...addresses[id], id }
}

export type AnyRoute = RouteShape & Addresses[RouteId] & { readonly id: RouteId }
