import { FlotillaError, catalogue, type ErrorCode } from '@flotilla/model/errors'
import { type Address, type Addresses, type RouteId, addresses, basePath, csrfHeader } from './addresses.ts'
import type { Contract } from './contract.ts'
import { readLines } from './read-lines.ts'
import { type EventStreamOptions, readEventStream } from './read-event-stream.ts'
import type { StreamEvent } from './shapes/stream.ts'
import type { z } from 'zod'

type InputOf<S> = S extends z.ZodType ? z.input<S> : undefined
/** Keys whose schema is not there are not asked for; those without a required field may be left out. */
type Part<K extends string, S> = S extends z.ZodType
  ? undefined extends z.input<S>
    ? { readonly [P in K]?: z.input<S> }
    : Record<string, never> extends z.input<S>
      ? { readonly [P in K]?: z.input<S> }
      : { readonly [P in K]: z.input<S> }
  : unknown
type BodyPart<R extends RouteId> = Addresses[R]['sends'] extends 'bytes'
  ? { readonly body: Uint8Array }
  : Part<'body', Contract[R]['body']>

export type RouteInput<R extends RouteId> = Part<'params', Contract[R]['params']> &
  Part<'query', Contract[R]['query']> &
  BodyPart<R> & { readonly signal?: AbortSignal | undefined }
export type RouteResult<R extends RouteId> = z.output<Contract[R]['result']>
export type RouteQuery<R extends RouteId> = InputOf<Contract[R]['query']>
export type RouteBody<R extends RouteId> = InputOf<Contract[R]['body']>

type Optional<T> = Record<string, never> extends Omit<T, 'signal'> ? [input?: T] : [input: T]
type Answer<R extends RouteId> = R extends 'stream.watch'
  ? AsyncIterable<StreamEvent>
  : Addresses[R]['answer'] extends 'json'
    ? Promise<RouteResult<R>>
    : AsyncIterable<RouteResult<R>>

type GroupOf<R> = R extends `${infer G}.${string}` ? G : never
/** `api.applications.list({ query })`: one function per route of the contract. */
export type ApiClient = {
  readonly [G in GroupOf<RouteId>]: {
    readonly [R in RouteId as R extends `${G}.${infer Name}` ? Name : never]: (
      ...input: Optional<RouteInput<R>>
    ) => Answer<R>
  }
}

export interface ApiClientOptions {
  /** Origin of the server, such as `https://flotilla.example:8443`; empty in a browser that was served by it. */
  readonly baseUrl: string
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Bearer token; a browser has its cookie instead. */
  readonly token?: string | undefined
  /** Deadline of one JSON answer; 60 s when left out. */
  readonly timeoutMs?: number | undefined
}

interface Call {
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/**
 * The typed client, for browser and command line. Every failure is a FlotillaError: the server's own, or
 * `server.unreachable` when there was no answer.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const groups: Record<string, Record<string, unknown>> = {}
  for (const [id, address] of Object.entries<Address>(addresses)) {
    const [group = '', name = ''] = id.split('.')
    groups[group] ??= {}
    groups[group][name] = callOf(options, address)
  }
  // built from the same table as the type
  return groups as unknown as ApiClient
}

function callOf(options: ApiClientOptions, address: Address): (call?: Call) => unknown {
  switch (address.answer) {
    case 'json':
      return (call = {}) => askJson(options, address, call)
    case 'ndjson':
      return (call = {}) => streamLines(options, address, call)
    case 'sse':
      return (call = {}) => {
        const open: EventStreamOptions['open'] = (headers, signal) =>
          send(options, address, { ...call, signal }, { accept: 'text/event-stream', ...headers })
        return readEventStream({ open, signal: call.signal })
      }
    default:
      return address.answer satisfies never
  }
}

async function askJson(options: ApiClientOptions, address: Address, call: Call): Promise<unknown> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 60_000)
  const signal = call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline])
  const response = await send(options, address, { ...call, signal }, { accept: 'application/json' })
  try {
    return await response.json()
  } catch (thrown) {
    throw unreachable(options, thrown, call.signal)
  }
}

async function* streamLines(options: ApiClientOptions, address: Address, call: Call): AsyncIterable<unknown> {
  const response = await send(options, address, call, { accept: 'application/x-ndjson' })
  if (response.body === null) return
  for await (const line of readLines(response.body)) if (line !== '') yield JSON.parse(line)
}

async function send(
  options: ApiClientOptions,
  address: Address,
  call: Call,
  headers: Record<string, string>,
): Promise<Response> {
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`
  if (address.method !== 'GET') headers[csrfHeader] = '1'
  let body: string | Uint8Array<ArrayBuffer> | undefined
  if (address.sends === 'json') {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(call.body ?? {})
  } else if (address.sends === 'bytes' && call.body instanceof Uint8Array) {
    headers['content-type'] = 'application/octet-stream'
    body = new Uint8Array(call.body)
  }
  let response: Response
  try {
    response = await (options.fetch ?? globalThis.fetch)(addressUrl(options.baseUrl, address, call), {
      method: address.method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      credentials: 'same-origin',
      redirect: 'error',
    })
  } catch (thrown) {
    throw unreachable(options, thrown, call.signal)
  }
  if (!response.ok) throw await readError(response)
  return response
}

/** The address of a call; parameters are escaped, absent ones of the query left out. */
export function addressUrl(
  baseUrl: string,
  address: Pick<Address, 'path'>,
  call: Pick<Call, 'params' | 'query'>,
): string {
  const path = address.path.replaceAll(/:([a-z]+)/g, (_, name: string) =>
    encodeURIComponent(paramText(call.params?.[name])),
  )
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  const search = query.toString()
  return `${baseUrl.replace(/\/+$/, '')}${basePath}${path}${search === '' ? '' : `?${search}`}`
}

const paramText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

function unreachable(options: ApiClientOptions, thrown: unknown, signal: AbortSignal | undefined): unknown {
  // whoever aborted knows why
  if (signal?.aborted === true) return signal.reason
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : undefined
  const why = cause ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new FlotillaError('server.unreachable', {
    message: `The server${options.baseUrl === '' ? '' : ` at ${options.baseUrl}`} did not answer: ${why}`,
    remedy: 'Check that it runs and that this address reaches it',
    cause: thrown,
  })
}

async function readError(response: Response): Promise<FlotillaError> {
  let parsed: unknown
  try {
    parsed = await response.json()
  } catch {
    parsed = undefined
  }
  const error = isRecord(parsed) && isRecord(parsed['error']) ? parsed['error'] : {}
  const text = (name: string): string | undefined => {
    const value = error[name]
    return typeof value === 'string' ? value : undefined
  }
  const code = text('code') ?? ''
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new FlotillaError(isCode(code) ? code : codeOfStatus(response.status), {
    message: text('message') ?? `The server answered ${response.status}`,
    remedy: text('remedy'),
    field: text('field'),
    value: text('value'),
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code)

/** For an answer that is not the server's own, such as a proxy's page between. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'auth.required'
  if (status === 403) return 'auth.forbidden'
  if (status === 404) return 'request.not_found'
  if (status === 413) return 'input.too_large'
  if (status === 502 || status === 503 || status === 504) return 'server.unreachable'
  return 'internal'
}
