import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import type { Duplex } from 'node:stream'
import { addresses, basePath, type Change, type RouteId } from '@flotilla/api'
import { createAnswers, type FixtureOptions } from './fixture-answers.ts'
import { castLines } from './fixture-audit.ts'
import { answerKubernetes, serveShell } from './fixture-shell.ts'

/**
 * A small server with made-up answers, for looking at the console and for tests that say "fixture" in their name.
 * It speaks the contract's types, and serves the built console with the product's content policy.
 */
const dist = join(import.meta.dirname, '..', 'dist')
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const longestBody = 1024 * 1024

export async function startFixtureServer(options: FixtureOptions & { port: number }): Promise<{
  url: string
  /** Tells every open page of a change, as the live stream does. */
  say(change: Change): void
  stop(): Promise<void>
}> {
  const streams = new Set<ServerResponse>()
  let said = 1
  const answers = createAnswers(options)
  const server = createServer((request, response) => {
    answer({ answers, streams }, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { code: 'internal', message: String(error) } }))
    })
  })
  const shells = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    shells.add(socket)
    serveShell(request, socket)
  })
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://127.0.0.1:${port}`,
    say: (change) => {
      said++
      for (const stream of streams) stream.write(`event: change\nid: ${said}\ndata: ${JSON.stringify(change)}\n\n`)
    },
    stop: () => {
      for (const socket of shells) socket.destroy()
      return stop(server)
    },
  }
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Fixture {
  readonly answers: ReturnType<typeof createAnswers>
  readonly streams: Set<ServerResponse>
}

async function answer({ answers, streams }: Fixture, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://fixture')
  if (url.pathname.startsWith('/k8s/')) {
    const { status, body } = answerKubernetes(url.pathname)
    return send(response, status, body)
  }
  if (url.pathname === '/healthz') return send(response, 200, { ok: true })
  if (!url.pathname.startsWith(basePath)) return await serveFile(url.pathname, response)
  const path = url.pathname.slice(basePath.length)
  if (path === '/stream') return stream(response, streams)
  if (path.endsWith('/logs')) return logs(response)
  if (path.startsWith('/audit/recordings/')) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.end(castLines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return
  }
  const found = findRoute(request.method ?? 'GET', path)
  const reply = found === undefined ? undefined : answers[found.id]
  if (found === undefined || reply === undefined)
    return send(response, 404, { error: { code: 'request.not_found', message: 'The fixture does not know this' } })
  const body = await readBody(request)
  send(response, 200, reply({ params: found.params, query: url.searchParams, body }))
}

function findRoute(method: string, path: string): { id: RouteId; params: Record<string, string> } | undefined {
  const steps = path.split('/')
  for (const [id, address] of Object.entries(addresses)) {
    const pattern = address.path.split('/')
    if (address.method !== method || pattern.length !== steps.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((part, index) => {
      if (!part.startsWith(':')) return part === steps[index]
      params[part.slice(1)] = decodeURIComponent(steps[index] ?? '')
      return true
    })
    if (fits) return { id: id as RouteId, params }
  }
  return undefined
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > longestBody) throw new Error('too long')
  }
  return text === '' ? undefined : JSON.parse(text)
}

function stream(response: ServerResponse, streams: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(`event: hello\nid: 1\ndata: {"heartbeatSeconds":10,"resumed":true}\n\n`)
  const timer = setInterval(
    () => response.write(`event: heartbeat\ndata: {"at":"${new Date().toISOString()}"}\n\n`),
    5000,
  )
  streams.add(response)
  response.on('close', () => {
    streams.delete(response)
    clearInterval(timer)
  })
}

const logLines = [
  ['east', 'web-7d9c-x2k4', 'GET /cart 200 12 ms'],
  ['hub', 'web-7d9c-bq81', 'GET /item/88121 200 9 ms'],
  ['west', 'web-58bf-0lmz', 'error: upstream api: connection reset, retry 1 of 3'],
  ['east', 'web-7d9c-m7vv', 'POST /order 201 41 ms'],
  ['west', 'web-58bf-0lmz', 'upstream api: ok after retry'],
] as const

function logs(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  let count = 0
  const write = () => {
    const [cluster, pod, text] = logLines[count++ % logLines.length] ?? logLines[0]
    const at = new Date().toISOString()
    response.write(
      `${JSON.stringify({ type: 'line', cluster, namespace: 'shop-prod', pod, container: 'web', at, text })}\n`,
    )
  }
  for (let index = 0; index < 5; index++) write()
  const timer = setInterval(write, 2000)
  response.on('close', () => clearInterval(timer))
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const file = normalize(extname(path) === '' ? '/index.html' : path)
  const bytes = await readFile(join(dist, file)).catch(() => undefined)
  if (bytes === undefined) return send(response, 404, {})
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'cache-control': file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy':
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:",
  })
  response.end(bytes)
}

if (import.meta.main) {
  const { url } = await startFixtureServer({ port: Number(process.env['PORT'] ?? 8090), applications: 18, sites: true })
  console.log(`fixture at ${url}`)
}
