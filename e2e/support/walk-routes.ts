import { basePath, csrfHeader, type RouteId } from '@flotilla/api'
import { type AnyRoute, anyRoutes } from '@flotilla/api/contract'

/** One request to a route. What is left out of `params` comes from those that every request of a walk has. */
export interface Ask {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object | Uint8Array
  /** What who may do everything is answered; any success when left out. */
  readonly status?: number
}

/** Every route of the contract, in the order in which they are to be asked: a route that is not here fails the walk. */
export type Asks = { readonly [Id in RouteId]: readonly Ask[] }

export interface Answer {
  readonly route: AnyRoute
  readonly ask: Ask
  readonly status: number
  /** Status, headers and body. */
  readonly text: string
}

export interface WalkOptions {
  readonly url: string
  readonly token: string
  readonly params: Readonly<Record<string, string>>
  readonly asks: Asks
}

/** Asks every route of the contract. Streams are open from the beginning to the end of the walk. */
export async function walkRoutes({ url, token, params, asks }: WalkOptions): Promise<Answer[]> {
  const byId = new Map(anyRoutes.map((route) => [route.id, route]))
  const forgotten = anyRoutes.filter(({ id }) => (asks[id] ?? []).length === 0).map(({ id }) => id)
  if (forgotten.length > 0) throw new Error(`the walk does not know how to ask ${forgotten.join(', ')}`)
  const headers = { authorization: `Bearer ${token}`, [csrfHeader]: '1' }
  const streams = new AbortController()
  const open: Promise<Answer>[] = []
  const answers: Answer[] = []
  // in the order of `asks`, which is that of its keys
  for (const [id, all] of Object.entries(asks)) {
    const route = byId.get(id as RouteId)
    if (route === undefined) throw new Error(`${id} is no route any more`)
    for (const ask of all) {
      const address = `${url}${basePath}${pathOf(route, { ...params, ...ask.params })}${queryOf(ask)}`
      const stream = route.answer === 'sse'
      const asked = send({
        route,
        ask,
        address,
        headers,
        signal: stream ? streams.signal : AbortSignal.timeout(60_000),
      })
      if (stream) open.push(asked)
      else answers.push(await asked)
    }
  }
  streams.abort()
  return [...answers, ...(await Promise.all(open))]
}

/**
 * Sends `secret` to every route that takes a body in which it is wrong: where another type is wanted, under a name that
 * nobody knows, in JSON that ends too early, and in the address.
 */
export async function sendWrongly({ url, token, params, asks }: WalkOptions, secret: string): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const route of anyRoutes) {
    const [ask] = asks[route.id]
    if (ask === undefined || route.answer === 'sse') continue
    const fields = ask.body === undefined || ask.body instanceof Uint8Array ? {} : { ...ask.body }
    const wrong = Object.keys(fields).map((key) => Object.assign({}, fields, { [key]: [{ [secret]: secret }] }))
    const texts = route.sends === 'json' ? [...wrong, { [secret]: 1 }].map((body) => JSON.stringify(body)) : []
    const headers = { authorization: `Bearer ${token}`, [csrfHeader]: '1', 'content-type': 'application/json' }
    const address = `${url}${basePath}${pathOf(route, { ...params, ...ask.params })}`
    const query = queryOf({ query: { ...ask.query, token: secret } })
    const sent: (readonly [string, string | undefined])[] = [
      ...texts.map((text): [string, string] => [address, text]),
      ...texts.slice(0, 1).map((text): [string, string] => [address, text.slice(0, -1)]),
      ...(route.method === 'GET' ? [[`${address}${query}`, undefined] as const] : []),
    ]
    for (const [to, body] of sent) {
      const answer = await fetch(to, { method: route.method, headers, ...(body === undefined ? {} : { body }) })
      answers.push({ route, ask, status: answer.status, text: await answer.text() })
    }
  }
  return answers
}

/** Asks one route once. */
export function askRoute({
  url,
  token,
  route,
  ask,
}: {
  readonly url: string
  readonly token: string
  readonly route: AnyRoute
  readonly ask: Omit<Ask, 'status'>
}): Promise<Answer> {
  return send({
    route,
    ask,
    address: `${url}${basePath}${pathOf(route, ask.params ?? {})}${queryOf(ask)}`,
    headers: { authorization: `Bearer ${token}`, [csrfHeader]: '1' },
    signal: AbortSignal.timeout(60_000),
  })
}

function pathOf(route: AnyRoute, params: Readonly<Record<string, string>>): string {
  return route.path.replaceAll(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`the walk does not know what :${name} of ${route.id} is`)
    return encodeURIComponent(value)
  })
}

const queryOf = ({ query }: Ask): string => (query === undefined ? '' : `?${String(new URLSearchParams(query))}`)

interface Sent {
  readonly route: AnyRoute
  readonly ask: Ask
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

async function send({ route, ask, address, headers, signal }: Sent): Promise<Answer> {
  const answer = await fetch(address, {
    method: route.method,
    headers: {
      ...headers,
      ...(ask.body === undefined
        ? {}
        : { 'content-type': route.sends === 'bytes' ? 'application/octet-stream' : 'application/json' }),
    },
    ...(ask.body === undefined
      ? {}
      : { body: ask.body instanceof Uint8Array ? Buffer.from(ask.body) : JSON.stringify(ask.body) }),
    signal,
  })
  let text = `${answer.status} ${JSON.stringify([...answer.headers])}\n`
  try {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true })
  } catch (thrown) {
    // a stream ends with the walk
    if (route.answer !== 'sse') throw thrown
  }
  return { route, ask, status: answer.status, text }
}
