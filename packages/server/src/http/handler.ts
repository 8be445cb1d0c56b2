import type { Identity, KubeClient } from '@flotilla/kube'
import type { Addresses, RouteId, RouteResult } from '@flotilla/api'
import type { Contract } from '@flotilla/api/contract'
import type { z } from 'zod'
import type { ApiTokens } from '../access/api-tokens.ts'
import type { Authorizer } from '../access/authorizer.ts'
import type { Person } from '../access/people.ts'
import type { Sessions } from '../access/sessions.ts'
import type { PasswordSignIn } from '../access/sign-in.ts'
import type { ExchangeAudit } from '../audit/audit-exchange.ts'
import type { ShellRecordings } from '../audit/recording/shell-recordings.ts'
import type { RequestAudit } from '../audit/audit-request.ts'
import type { TokenScope } from '../store/store.ts'
import type { ResourceIndex } from '../fleet/index/resource-index.ts'
import type { HttpDeps } from './deps.ts'
import type { ReleaseIndex } from './releases/release-index.ts'
import type { Visibility } from './visibility.ts'
import type { FleetIndex } from './views/fleet-index.ts'

/** What every handler can use, made once. */
export interface Services {
  readonly deps: HttpDeps
  readonly sessions: Sessions
  readonly apiTokens: ApiTokens
  readonly signIn: PasswordSignIn
  readonly authorizer: Authorizer
  readonly visibility: Visibility
  readonly index: FleetIndex
  readonly releases: ReleaseIndex
  readonly audited: { readonly request: RequestAudit; readonly exchange: ExchangeAudit }
  readonly resources: ResourceIndex
  readonly recordings: ShellRecordings
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** Who asks, proven. Only routes with rights `public` have nobody. */
export interface Caller {
  readonly person: Person
  readonly identity: Identity
  /** The host cluster as the person. */
  readonly host: KubeClient
  readonly tokenHash: string
  readonly kind: 'browser' | 'cli' | 'token'
  readonly expiresAt: string
  /** Of an API token. */
  readonly scope: TokenScope | undefined
}

export interface Exchange {
  readonly signal: AbortSignal
  /** Address of the client, for counting failures. */
  readonly address: string
  readonly setSessionCookie: (token: string, expiresAt: string) => void
  readonly clearSessionCookie: () => void
  /** What the browser keeps of a sign-in that it began elsewhere; undefined forgets it. */
  readonly flowCookie: string | undefined
  readonly setFlowCookie: (sealed: string | undefined) => void
  /** Of a sign-in, for the audit: who somebody says they are, when there is such a person. */
  readonly claims: (name: string | undefined) => void
  /** Of a sign-in, for the audit: who it was. */
  readonly isOf: (person: Person, tokenHash: string) => void
}

export interface Ask<R extends RouteId> {
  readonly params: Parsed<Contract[R]['params']>
  readonly query: Parsed<Contract[R]['query']>
  readonly body: Addresses[R]['sends'] extends 'bytes' ? Uint8Array : Parsed<Contract[R]['body']>
  readonly caller: Contract[R]['rights'] extends { readonly kind: 'public' } ? Caller | undefined : Caller
  readonly exchange: Exchange
}

export type Handler<R extends RouteId> = (
  ask: Ask<R>,
) => Addresses[R]['answer'] extends 'json' ? Promise<RouteResult<R>> : AsyncIterable<RouteResult<R>>

/** One handler for each route but the live stream, which writes by itself. Leaving one out does not compile. */
export type Handlers = { readonly [R in Exclude<RouteId, 'stream.watch'>]: Handler<R> }
export type SomeHandlers<Prefix extends string> = {
  readonly [R in Exclude<RouteId, 'stream.watch'> as R extends `${Prefix}.${string}` ? R : never]: Handler<R>
}
