import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Pool } from 'undici'
import type { Dial } from './dial.ts'

export type PoolName = 'requests' | 'streams'

/** Two sets of connections to one API server, so that open watches never take the place of requests. */
export class Pools {
  readonly #origin: string
  readonly #dial: Dial
  readonly #sizes: Record<PoolName, number>
  readonly #closing = new AbortController()
  #pools: Record<PoolName, Pool>

  constructor(options: { origin: string; dial: Dial; sizes: Record<PoolName, number> }) {
    this.#origin = options.origin
    this.#dial = options.dial
    this.#sizes = options.sizes
    this.#pools = this.#fresh()
  }

  get(name: PoolName): Pool {
    return this.#pools[name]
  }

  /** Drops every connection: after a silence, old ones may be dead without anybody having said so. */
  reset(error: Error): void {
    const old = this.#pools
    this.#pools = this.#fresh()
    void destroy(old, error)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the client was closed'))
    await destroy(this.#pools, Object.assign(new Error('the client was closed'), { code: 'UND_ERR_CLOSED' }))
  }

  #fresh(): Record<PoolName, Pool> {
    return { requests: this.#pool(this.#sizes.requests), streams: this.#pool(this.#sizes.streams) }
  }

  #pool(connections: number): Pool {
    return new Pool(this.#origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      // Deadlines are kept by whoever makes the request; a watch may be silent for long.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 60_000,
      maxHeaderSize: 64 * 1024,
      connect: (_options, callback) => {
        void this.#connect(callback)
      },
    })
  }

  async #connect(callback: (...result: [null, Socket] | [Error, null]) => void): Promise<void> {
    let socket: Socket
    try {
      socket = asSocket(await this.#dial(this.#closing.signal))
    } catch (thrown) {
      callback(asError(thrown), null)
      return
    }
    callback(null, socket)
  }
}

async function destroy(pools: Record<PoolName, Pool>, error: Error): Promise<void> {
  await Promise.allSettled([pools.requests.destroy(error), pools.streams.destroy(error)])
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** undici calls a few methods of a socket that a plain stream, such as a tunnel's, does not have. */
function asSocket(stream: Duplex): Socket {
  for (const name of ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref']) {
    if (!(name in stream)) Object.defineProperty(stream, name, { value: () => stream })
  }
  return withoutLateErrors(stream as Socket)
}

/**
 * TLS over a tunnel reports the tunnel's end twice, the second time after `close`, when undici has put the connection
 * away: its listener would fail, and the whole process with it.
 */
function withoutLateErrors(socket: Socket): Socket {
  let closed = false
  socket.prependOnceListener('close', () => {
    closed = true
  })
  const emit = socket.emit.bind(socket)
  socket.emit = (name: string | symbol, ...args: unknown[]): boolean =>
    name === 'error' && closed ? false : emit(name, ...args)
  return socket
}
