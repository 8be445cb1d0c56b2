import { request as startRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { FlotillaError } from '@flotilla/model'
import { createDeadline, type Deadline } from './deadline.ts'
import type { Purpose } from './connection.ts'
import { createExecEnding } from './exec-ending.ts'
import { isTapped, noticeFrame, notTapped, tappedHeaders, throughTap } from './exec-tap.ts'
import { impersonationHeaders } from './identity.ts'
import type { KubeClient } from './kube-client.ts'
import { checkRequestPath } from './paths.ts'
import { forwardedHeaders, refuseBody, returnedHeaders } from './proxy-headers.ts'
import { proxyTimeoutMs, type ProxyOutcome, type ProxyTarget } from './proxy.ts'
import { timeoutError, transportError } from './transport-error.ts'

export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What the client sent after its request; forwarded once the API server agreed, never before. */
  readonly head: Buffer
}

/** How long the other side may take for the last bytes after one side has ended. */
const farewellMs = 10_000
/** How long a client whose right was taken away may take to hear of it. */
const abortMs = 250

type UpstreamAnswer =
  | { readonly upgraded: true; readonly response: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  | { readonly upgraded: false; readonly response: IncomingMessage }

/**
 * Forwards an upgrade (exec, attach, port-forward, watch; WebSocket and SPDY) as raw bytes, as the view's identity.
 * Nothing raw flows before the API server answered 101: whatever followed a refusal would be a request in our name.
 * Rejects while the client was not answered yet; resolves when both sides are closed.
 */
export async function proxyUpgrade(client: KubeClient, upgrade: Upgrade, target: ProxyTarget): Promise<ProxyOutcome> {
  const { request, socket } = upgrade
  refuseBody(request.headers)
  const stop = new AbortController()
  const deadline = createDeadline(target.timeoutMs ?? proxyTimeoutMs, stop.signal)
  const abort = (): void => stop.abort(target.signal?.reason)
  target.signal?.addEventListener('abort', abort, { once: true })
  if (target.signal?.aborted === true) abort()
  const leave = (): void => stop.abort(new Error('the client left'))
  socket.once('close', leave)
  const ignore = (): void => {}
  socket.on('error', ignore)
  let letGo = (): void => {}
  try {
    const connected = await client.transport.connect(deadline.signal, purposeOf(target.path))
    letGo = () => {
      // after a refusal the API server would hold it open for another request
      connected.socket.destroy()
      connected.release()
    }
    const answer = await ask(client, connected.socket, upgrade, target, deadline)
    deadline.lift()
    if (!answer.upgraded) return await passRefusal(answer.response, socket)
    if (target.tap !== undefined && !isTapped(answer.response.headers)) throw notTapped()
    return await join(client, upgrade, answer, target)
  } catch (thrown) {
    if (deadline.expired) throw timeout(client, request, deadline)
    if (thrown instanceof FlotillaError) throw thrown
    throw transportError(thrown, client.transport)
  } finally {
    letGo()
    deadline.clear()
    target.signal?.removeEventListener('abort', abort)
    socket.removeListener('close', leave)
  }
}

/** Sends the head of the request on a connection of its own and waits for the head of the answer. */
async function ask(
  client: KubeClient,
  upstream: Duplex,
  { request }: Upgrade,
  target: ProxyTarget,
  deadline: Deadline,
): Promise<UpstreamAnswer> {
  const upgrade = request.headers.upgrade ?? 'websocket'
  const forwarded = forwardedHeaders(request.rawHeaders)
  const headers = {
    ...(target.tap === undefined ? forwarded : tappedHeaders(forwarded, upgrade)),
    ...target.headers,
    ...impersonationHeaders(client.identity),
    ...(await client.transport.ownHeaders()),
    host: client.transport.server,
    connection: 'Upgrade',
    upgrade,
    ...(request.method !== 'GET' && { 'content-length': '0' }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = startRequest({
      method: request.method ?? 'GET',
      path: client.transport.fullPath(checkRequestPath(target.path)),
      headers,
      setHost: false,
      createConnection: () => upstream,
      signal: deadline.signal,
    })
    outgoing.on('upgrade', (response, socket: Duplex, head) => resolve({ upgraded: true, response, socket, head }))
    outgoing.on('response', (response) => resolve({ upgraded: false, response }))
    outgoing.on('error', (error) => {
      upstream.destroy()
      reject(error)
    })
    outgoing.end()
  })
}

/** The API server said no: its answer is passed on as an answer, and the connection ends with it. */
async function passRefusal(response: IncomingMessage, socket: Duplex): Promise<ProxyOutcome> {
  const status = response.statusCode ?? 502
  socket.write(head(status, response, [['connection', 'close']]))
  let bytesDown = 0
  let ended: ProxyOutcome['ended'] = 'finished'
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytesDown += chunk.length
      if (!socket.write(chunk)) await drained(socket)
    }
  } catch {
    ended = socket.destroyed ? 'client-left' : 'lost'
  }
  socket.end()
  response.destroy()
  return { status, bytesUp: 0, bytesDown, ended }
}

/** Ties the two sockets together until either goes, and sees both closed. */
async function join(
  client: KubeClient,
  { socket, head: early }: Upgrade,
  answer: Extract<UpstreamAnswer, { upgraded: true }>,
  { path, signal, tap }: ProxyTarget,
): Promise<ProxyOutcome> {
  const { response, socket: upstream } = answer
  const count = { up: early.length, down: tap === undefined ? answer.head.length : 0 }
  const protocol = response.headers.upgrade ?? 'websocket'
  const pairs: [string, string][] = [
    ['connection', 'Upgrade'],
    ['upgrade', protocol],
  ]
  socket.write(head(101, response, pairs))
  // what is tapped passes through it, in both directions; all else goes straight from one socket to the other
  const down = tap === undefined ? undefined : throughTap(tap, 'cluster')
  const up = tap === undefined ? undefined : throughTap(tap, 'client')
  const said = down === undefined ? upstream : upstream.pipe(down)
  if (tap !== undefined) socket.write(noticeFrame(tap))
  if (answer.head.length > 0) (down ?? socket).write(answer.head)
  if (early.length > 0) (up ?? upstream).write(early)

  const ending = createExecEnding(path, {
    upgrade: protocol,
    protocol: String(response.headers['sec-websocket-protocol'] ?? response.headers['x-stream-protocol-version'] ?? ''),
  })
  if (down === undefined) ending?.push(answer.head)

  let ended: ProxyOutcome['ended'] | undefined
  let farewell: NodeJS.Timeout | undefined
  const destroy = (): void => {
    upstream.destroy()
    socket.destroy()
  }
  /** The client hears the end, with words when the command's own result has not passed, and has some time to read it. */
  const finish = (how: ProxyOutcome['ended'], words: string, withinMs = farewellMs): void => {
    clearTimeout(farewell)
    farewell = setTimeout(destroy, withinMs)
    if (ended !== undefined) return
    ended = how
    said.unpipe(socket)
    socket.end(ending?.lastWords(words))
  }
  const lost = (): void => {
    finish('lost', `The connection to cluster ${client.name} was lost; the command may still run there.`)
    upstream.destroy()
  }
  const abort = (): void => {
    finish('aborted', 'The session was ended by Flotilla.', abortMs)
    upstream.destroy()
  }
  signal?.addEventListener('abort', abort, { once: true })
  const untapped = (thrown: unknown): void => {
    finish('aborted', thrown instanceof Error ? thrown.message : 'The session was ended by Flotilla.', abortMs)
    upstream.destroy()
  }
  const failed = (): void => untapped(tap?.failed.reason)
  for (const one of [down, up]) one?.once('error', untapped)
  // A cluster that fell silent does not close its sockets; whoever waits for an exec must still hear of its end.
  const stopListening = client.transport.onBreaker((state) => {
    if (state.state === 'open') lost()
  })
  said.on('data', (chunk: Buffer) => {
    count.down += chunk.length
    ending?.push(chunk)
  })
  socket.on('data', (chunk: Buffer) => {
    count.up += chunk.length
  })
  upstream.once('error', lost)
  said.once('end', () => {
    finish('finished', `Cluster ${client.name} ended the connection before the command did.`)
  })
  socket.once('end', () => {
    // The client may still read; the cluster closes when it has seen the end of the input.
    farewell ??= setTimeout(destroy, farewellMs)
  })
  said.pipe(socket, { end: false })
  if (up === undefined) socket.pipe(upstream)
  else socket.pipe(up).pipe(upstream)
  if (signal?.aborted === true) abort()
  tap?.failed.addEventListener('abort', failed, { once: true })
  if (tap?.failed.aborted === true) failed()
  const clientGone = closed(socket).then(() => {
    ended ??= 'client-left'
    return destroy()
  })
  const clusterGone = async (): Promise<void> => {
    await closed(upstream)
    // what the tap holds up is on its way to the client still
    if (down !== undefined && upstream.readableEnded) await Promise.race([closed(down), closed(socket)])
    lost()
    // what the client still says goes nowhere, and its own end has to be seen
    socket.unpipe()
    socket.resume()
  }
  await Promise.all([clusterGone(), clientGone])
  clearTimeout(farewell)
  stopListening()
  signal?.removeEventListener('abort', abort)
  tap?.failed.removeEventListener('abort', failed)
  return { status: 101, bytesUp: count.up, bytesDown: count.down, ended: ended ?? 'lost' }
}

function closed(stream: Duplex): Promise<void> {
  return stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', resolve))
}

function head(status: number, response: IncomingMessage, extra: readonly [string, string][]): string {
  const pairs = [...returnedHeaders(response.rawHeaders), ...extra]
  const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `HTTP/1.1 ${status} ${response.statusMessage ?? ''}\r\n${lines}\r\n`
}

function drained(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve)
    socket.once('close', resolve)
  })
}

/** A terminal waits for keys. An exec without one is how files are copied (`kubectl cp`), and looks like nothing else. */
function purposeOf(path: string): Purpose {
  const { pathname, searchParams } = new URL(path, 'http://cluster')
  return /\/(?:exec|attach)$/.test(pathname) && searchParams.get('tty') === 'true' ? 'interactive' : 'bulk'
}

function timeout(client: KubeClient, request: IncomingMessage, deadline: Deadline): FlotillaError {
  return timeoutError({
    cluster: client.name,
    method: request.method ?? 'GET',
    path: 'an upgrade',
    timeoutMs: deadline.timeoutMs,
    phase: 'waiting for the answer',
  })
}
