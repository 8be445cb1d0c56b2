import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './kube-client.ts'
import type { ClientLimits } from './limits.ts'
import { createFakeApi, status, type FakeApi } from './testing/fake-api.ts'

interface Rig extends AsyncDisposable {
  api: FakeApi
  client: KubeClient
}

async function rig(limits: Partial<ClientLimits> = {}): Promise<Rig> {
  const api = await createFakeApi()
  const client = createKubeClient({ name: 'east', connection: api.connection, userAgent: 'test', limits })
  return {
    api,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

type Responder = (request: IncomingMessage, response: ServerResponse) => boolean
const path = '/api/v1/configmaps'
const get = (client: KubeClient, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<unknown> =>
  client.request({ method: 'GET', path, query: { limit: 10 }, ...options })

/** Answers the first requests by script, then lets the fake answer. */
function script(...responders: Responder[]): Responder {
  return (request, response) => responders.shift()?.(request, response) ?? false
}

const refuse =
  (code: number, reason: string, headers: Record<string, string> = {}): Responder =>
  (_, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(status(code, reason, `${reason} happened`)))
    return true
  }
const hang: Responder = () => true
const cut: Responder = (request) => {
  request.socket.destroy()
  return true
}

function failsWith(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof FlotillaError, String(error))
    assert.equal(error.code, code, error.message)
    return true
  }
}

describe('a request that may be repeated', () => {
  test('is repeated after 500, 503 and a cut connection', async () => {
    await using at = await rig()
    at.api.intercept = script(refuse(500, 'InternalError'), refuse(503, 'ServiceUnavailable'), cut)
    await get(at.client)
    assert.equal(at.api.seen.length, 4)
  })

  test('waits as long as Retry-After says after 429', async () => {
    await using at = await rig()
    at.api.intercept = script(refuse(429, 'TooManyRequests', { 'retry-after': '1' }))
    const started = performance.now()
    await get(at.client)
    assert.ok(performance.now() - started >= 1_000)
    assert.equal(at.api.seen.length, 2)
  })

  test('fails at once when Retry-After lies beyond its deadline, and says how long', async () => {
    await using at = await rig()
    at.api.intercept = refuse(429, 'TooManyRequests', { 'retry-after': '60' })
    const started = performance.now()
    await assert.rejects(get(at.client, { timeoutMs: 5_000 }), (error) => {
      assert.ok(error instanceof FlotillaError)
      assert.equal(error.code, 'kube.overloaded')
      assert.equal(error.retryAfter, 60)
      return true
    })
    assert.ok(performance.now() - started < 1_000)
  })

  test('is given up after a bounded number of attempts', async () => {
    await using at = await rig({ retries: 2 })
    at.api.intercept = refuse(500, 'InternalError')
    await assert.rejects(get(at.client), failsWith('kube.unavailable'))
    assert.equal(at.api.seen.length, 3)
  })
})

test('a write is sent once, whatever comes back', async () => {
  for (const responder of [refuse(500, 'InternalError'), refuse(429, 'TooManyRequests'), cut]) {
    await using at = await rig()
    at.api.intercept = responder
    await assert.rejects(at.client.request({ method: 'POST', path, body: {} }))
    assert.equal(at.api.seen.length, 1)
  }
})

describe('a server that hangs', () => {
  test('costs no more than the deadline, and the error says what was asked', async () => {
    await using at = await rig()
    at.api.intercept = hang
    const started = performance.now()
    await assert.rejects(get(at.client, { timeoutMs: 200 }), (error) => {
      assert.ok(failsWith('cluster.timeout')(error))
      assert.match((error as Error).message, /east did not answer GET \/api\/v1\/configmaps within 0.2 s/)
      return true
    })
    assert.ok(performance.now() - started < 1_000)
  })

  test('hanging in the middle of an answer counts too', async () => {
    await using at = await rig()
    at.api.intercept = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"half":')
      return true
    }
    await assert.rejects(get(at.client, { timeoutMs: 200 }), failsWith('cluster.timeout'))
  })

  test('gives the caller back its own reason when it aborts', async () => {
    await using at = await rig()
    at.api.intercept = hang
    const stop = new AbortController()
    const reason = new Error('no longer wanted')
    setTimeout(() => stop.abort(reason), 50)
    await assert.rejects(get(at.client, { signal: stop.signal }), reason)
    assert.deepEqual(at.client.transport.load, { requests: 0, waiting: 0, streams: 0 })
  })

  test('does not slow another cluster', async () => {
    await using slow = await rig({ concurrency: 2 })
    await using other = await rig()
    slow.api.intercept = hang
    const enough = new AbortController()
    const { signal } = enough
    const stuck = Array.from({ length: 20 }, () => assert.rejects(get(slow.client, { signal })))
    await Promise.all(Array.from({ length: 20 }, () => get(other.client)))
    assert.deepEqual(slow.client.transport.load, { requests: 2, waiting: 18, streams: 0 })
    enough.abort()
    await Promise.all(stuck)
  })
})

describe('a cluster that cannot be reached', () => {
  test('opens the breaker, which fails at once and closes by a probe', async () => {
    await using at = await rig({ retries: 0, breakerFailures: 3, breakerMaxWaitMs: 300 })
    at.api.intercept = cut
    for (let i = 0; i < 3; i++) await assert.rejects(get(at.client), failsWith('cluster.unreachable'))
    await assert.rejects(get(at.client), failsWith('cluster.breaker_open'))
    assert.equal(at.api.seen.length, 3)
    assert.equal(at.client.transport.breaker.state, 'open')
    at.api.intercept = undefined
    await at.client.transport.whenReachable(AbortSignal.timeout(5_000))
    await get(at.client)
    assert.deepEqual(at.client.transport.breaker, { state: 'closed' })
  })

  test('says connection refused in words', async () => {
    const connection = { server: 'http://127.0.0.1:1', auth: { kind: 'anonymous' } } as const
    const client = createKubeClient({ name: 'east', connection, userAgent: 'test', limits: { retries: 0 } })
    await assert.rejects(get(client), (error) => {
      assert.ok(failsWith('cluster.unreachable')(error))
      assert.match((error as Error).message, /nothing listens there/)
      assert.match((error as FlotillaError).remedy ?? '', /API server runs/)
      return true
    })
    await client.close()
  })

  test('says so when a name does not resolve', async () => {
    const connection = { server: 'https://no-such-host.invalid', auth: { kind: 'anonymous' } } as const
    const client = createKubeClient({ name: 'east', connection, userAgent: 'test', limits: { retries: 0 } })
    await assert.rejects(get(client), (error) => /does not resolve|DNS did not answer/.test((error as Error).message))
    await client.close()
  })

  test('an address that is not allowed is never dialled', async () => {
    const api = await createFakeApi()
    const asked: string[] = []
    const allowAddress = (address: string): boolean => asked.push(address) < 0
    for (const server of [api.connection.server, api.connection.server.replace('127.0.0.1', 'localhost')]) {
      const connection = { ...api.connection, server, allowAddress }
      const client = createKubeClient({ name: 'east', connection, userAgent: 'test', limits: { retries: 0 } })
      await assert.rejects(get(client), failsWith('address.refused'))
      await client.close()
    }
    assert.ok(asked.length >= 2)
    assert.deepEqual(api.seen, [])
    await api[Symbol.asyncDispose]()
  })

  test('an address that is still being judged is waited for, by name and by number', async () => {
    await using api = await createFakeApi()
    const allowAddress = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(true), 50))
    for (const server of [api.connection.server, api.connection.server.replace('127.0.0.1', 'localhost')]) {
      const connection = { ...api.connection, server, allowAddress }
      const client = createKubeClient({ name: 'east', connection, userAgent: 'test', limits: { retries: 0 } })
      await get(client)
      await client.close()
    }
    assert.ok(api.seen.length >= 2)
  })
})

test('no more requests than the limit are under way, and a full queue refuses', async () => {
  await using at = await rig({ concurrency: 3, queue: 5 })
  let open = 0
  let most = 0
  at.api.intercept = (_, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      response.end('{}')
    }, 30)
    return true
  }
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => get(at.client)))
  assert.equal(most, 3)
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 8)
  const refused = results.find((result) => result.status === 'rejected')
  assert.ok(failsWith('kube.overloaded')(refused?.reason))
})

test('a token that changed is tried once after a 401', async () => {
  await using at = await rig()
  const tokens = ['old', 'new']
  const sent: (string | undefined)[] = []
  at.api.intercept = (request, response) => {
    sent.push(request.headers.authorization)
    return request.headers.authorization === 'Bearer new' ? false : refuse(401, 'Unauthorized')(request, response)
  }
  const auth = { kind: 'token', token: () => (sent.length === 0 ? 'old' : (tokens[1] ?? '')) } as const
  const client = createKubeClient({ name: 'east', connection: { ...at.api.connection, auth }, userAgent: 'test' })
  await get(client)
  assert.deepEqual(sent, ['Bearer old', 'Bearer new'])
  tokens[1] = 'revoked'
  await assert.rejects(get(client), failsWith('cluster.unauthorized'))
  assert.equal(sent.length, 3)
  await client.close()
})

test('a stream that nobody reads holds back the server instead of filling memory', async () => {
  await using at = await rig()
  let written = 0
  at.api.intercept = (_, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(64 * 1024)
    const more = (): void => {
      while (!response.destroyed && written < 100e6) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
    }
    more()
    return true
  }
  const stream = await at.client.stream({ method: 'GET', path: '/logs' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.ok(written < 20e6, `${written} bytes were sent`)
  assert.equal(at.client.transport.load.streams, 1)
  stream.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(at.client.transport.load.streams, 0)
})

test('an answer that is too large is refused', async () => {
  await using at = await rig()
  at.api.intercept = (_, response) => {
    response.end(Buffer.alloc(100_000))
    return true
  }
  const request = { method: 'GET', path, maxBytes: 10_000 } as const
  await assert.rejects(at.client.request(request), failsWith('input.too_large'))
})

test('identities, user agent and groups reach the server as they must', async () => {
  await using at = await rig()
  const seen: string[][] = []
  at.api.intercept = (request) => {
    seen.push(request.rawHeaders)
    return false
  }
  await get(at.client.as({ user: 'flotilla:user:7', groups: ['flotilla:a', 'flotilla:b'] }))
  const raw = seen[0] ?? []
  const values = (name: string): string[] => raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === name)
  assert.deepEqual(values('impersonate-user'), ['flotilla:user:7'])
  assert.deepEqual(values('impersonate-group'), ['flotilla:a', 'flotilla:b'])
  assert.deepEqual(values('user-agent'), ['test'])
  assert.throws(
    () => at.client.as({ user: 'a', groups: [] }).as({ user: 'b', groups: [] }),
    failsWith('auth.forbidden'),
  )
  const forged = { method: 'GET', path, headers: { 'Impersonate-User': 'root' } } as const
  await assert.rejects(at.client.request(forged), failsWith('auth.forbidden'))
})
