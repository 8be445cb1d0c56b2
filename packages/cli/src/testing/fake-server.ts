import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

/** An answer, or what gives one; a status other than 200 as `{ status, body }` of `refuse`. */
export type Answer = object | ((asked: Asked, response: ServerResponse) => object | undefined)

const refusals = new WeakSet<object>()
/** An error of the API, as the server writes it. */
export function refuse(status: number, error: Readonly<Record<string, string>>): object {
  const answer = { status, error }
  refusals.add(answer)
  return answer
}

export interface FakeServer {
  readonly env: Record<string, string>
  /** What was asked, without the stream. */
  readonly asked: Asked[]
  /** By `METHOD path`, the path after /api/v1. */
  answers: Record<string, Answer>
  readonly close: () => Promise<void>
}

/** A stand-in for the server: answers as it is told, and remembers what it was asked. */
export async function startFakeServer(): Promise<FakeServer> {
  const asked: Asked[] = []
  const fake = { asked, answers: {} as Record<string, Answer> }
  const server: Server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(Buffer.from(part as Uint8Array))
      const url = new URL(request.url ?? '/', 'http://x')
      const path = url.pathname.replace('/api/v1', '')
      const text = Buffer.concat(parts).toString('utf8')
      const one: Asked = {
        method: request.method ?? '',
        path,
        query: Object.fromEntries(url.searchParams),
        body: text === '' ? undefined : JSON.parse(text),
      }
      if (path !== '/stream') asked.push(one)
      const given =
        fake.answers[`${one.method} ${path}`] ?? refuse(404, { code: 'request.not_found', message: `no ${path}` })
      const answer =
        typeof given === 'function'
          ? (given as (asked: Asked, response: ServerResponse) => object | undefined)(one, response)
          : given
      if (answer === undefined) return
      const refused = refusals.has(answer)
      const status = refused ? (answer as { status: number }).status : 200
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(refused ? { error: (answer as { error: object }).error } : answer))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, {
    env: { FLOTILLA_SERVER: `http://127.0.0.1:${port}`, FLOTILLA_TOKEN: 't' },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}
