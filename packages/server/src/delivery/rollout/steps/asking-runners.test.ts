import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { AnalysisStep, asFlotillaError, type KubeObject, WebhookStep } from '@flotilla/model'
import { createTestClock } from '@flotilla/kube/testing/clock'
import { createAddressGuard, createGuardedFetch } from '@flotilla/render'
import { createAnalysisRunner } from './analysis-runner.ts'
import type { StepDeps } from './step-runner.ts'
import { stepContext, stepInHand } from './testing/step-scene.ts'
import { createWebhookRunner } from './webhook-runner.ts'

const { signal } = new AbortController()
const token = 'a-token-that-is-secret'

interface Seen {
  readonly request: IncomingMessage
  readonly body: string
}

/** Something that answers on this machine, and a fetch that may speak to it, or that treats it as any other address. */
async function listen(t: TestContext, answer: (seen: Seen, response: ServerResponse) => void, allowed = true) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      seen.push({ request, body })
      answer({ request, body }, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const guard = createAddressGuard(allowed ? { allowedHosts: [host] } : {})
  const fetch = createGuardedFetch({
    guard,
    insecureHosts: [host],
    field: 'step',
    timeoutMs: 2_000,
    maxBytes: 64 * 1024,
  })
  const clock = createTestClock()
  const secret = { data: { token: Buffer.from(`${token}\n`).toString('base64') } }
  const find = async ({ namespace, name }: { namespace?: string | undefined; name: string }) => {
    assert.equal(namespace, 'pj-shop')
    return name === 'there' ? (secret as unknown as KubeObject) : undefined
  }
  const deps = { fleet: { host: { find } }, fetch, clock } as unknown as StepDeps
  return { url: `http://${host}`, host, seen, deps, clock, server }
}

/** A stand-in for Prometheus that speaks its documented API. */
const prometheus = (values: () => string[]) => (_seen: Seen, response: ServerResponse) => {
  response.setHeader('content-type', 'application/json')
  const result = values().map((value) => ({ metric: {}, value: [1, value] }))
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
}

const analysis = (given: object) => stepInHand({ analysis: AnalysisStep.parse(given) })
const webhook = (given: object) => stepInHand({ webhook: WebhookStep.parse(given) })

test('measures once an interval, and goes on from the record after a restart (Prometheus stand-in)', async (t) => {
  const { url, seen, deps, clock } = await listen(
    t,
    prometheus(() => ['0.5']),
  )
  const step = analysis({
    prometheus: { url, query: 'errors', credentialName: 'there' },
    max: 1,
    samples: 3,
    intervalSeconds: 10,
  })
  const first = createAnalysisRunner(deps)
  const one = await first.see(step, stepContext(), signal)
  assert.equal(one.state, 'running')
  await first.see(step, stepContext(), signal)
  assert.equal(seen.length, 1, 'the interval is not over')
  clock.advance(10_000)
  const two = await first.see(step, stepContext(), signal)
  assert.equal(seen.length, 2)
  clock.advance(10_000)
  const evidence = 'evidence' in two ? two.evidence : undefined
  const three = await createAnalysisRunner(deps).see(step, stepContext('r1', { evidence }), signal)
  assert.equal(three.state, 'succeeded')
  assert.equal(seen.length, 3)
  assert.equal(seen[0]?.request.url, '/api/v1/query?query=errors')
  assert.equal(seen[0]?.request.headers.authorization, `Bearer ${token}`)
})

test('fails when more measurements fail than may, whatever they fail by, and tells no secret (Prometheus stand-in)', async (t) => {
  const error = { status: 'error', error: `no right for ${token}` }
  const { url, deps, clock, seen } = await listen(t, (_seen, response) => {
    response.statusCode = 422
    response.end(JSON.stringify(error))
  })
  const step = analysis({
    prometheus: { url, query: 'errors', credentialName: 'there' },
    max: 1,
    samples: 10,
    allowedFailures: 1,
    intervalSeconds: 10,
  })
  const runner = createAnalysisRunner(deps)
  assert.equal((await runner.see(step, stepContext(), signal)).state, 'running')
  clock.advance(10_000)
  const sight = await runner.see(step, stepContext(), signal)
  assert.equal(sight.state, 'failed')
  assert.match(JSON.stringify(sight), /no right for •••/)
  assert.doesNotMatch(JSON.stringify(sight), new RegExp(token))
  clock.advance(60_000)
  await runner.see(step, stepContext(), signal)
  assert.equal(seen.length, 2, 'what is over is not measured again')
})

test('a check over HTTP goes by status and text', async (t) => {
  const { url, deps } = await listen(t, (_seen, response) => response.end('all is well'))
  const see = async (http: object) => {
    const step = analysis({ http: { url, ...http }, samples: 1 })
    return (await createAnalysisRunner(deps).see(step, stepContext(), signal)).state
  }
  assert.equal(await see({}), 'succeeded')
  assert.equal(await see({ contains: 'is well' }), 'succeeded')
  assert.equal(await see({ contains: 'is ill' }), 'failed')
  assert.equal(await see({ status: [204] }), 'failed')
})

test('does not speak to this machine, to link-local addresses, or without encryption, unless they are listed', async (t) => {
  const { url, deps, seen } = await listen(
    t,
    prometheus(() => ['0']),
    false,
  )
  for (const bad of [url, 'https://169.254.169.254/latest', 'http://192.0.2.1']) {
    const measured = await createAnalysisRunner(deps).see(
      analysis({ http: { url: bad }, samples: 1 }),
      stepContext(),
      signal,
    )
    assert.equal(measured.state, 'failed', bad)
    const told = await createWebhookRunner(deps).see(webhook({ url: bad }), stepContext(), signal)
    assert.equal(told.state, 'failed', bad)
  }
  assert.equal(seen.length, 0)
})

test('an answer without end is not read to its end', async (t) => {
  const { url, deps } = await listen(t, (_seen, response) => {
    const write = (): void => {
      if (!response.destroyed) response.write('x'.repeat(16_384), () => setImmediate(write))
    }
    write()
  })
  const sight = await createAnalysisRunner(deps).see(analysis({ http: { url }, samples: 1 }), stepContext(), signal)
  assert.equal(sight.state, 'failed')
})

test('a webhook says what is going on, under one key, signed', async (t) => {
  const { url, deps, seen } = await listen(t, (_seen, response) => response.end('thanks'))
  const step = webhook({ url, secretName: 'there' })
  const sight = await createWebhookRunner(deps).see(step, stepContext(), signal)
  assert.equal(sight.state, 'succeeded')
  // as after a kill: nobody knows that it was told
  await createWebhookRunner(deps).see(step, stepContext(), signal)
  const [one, two] = seen
  assert.equal(one?.request.method, 'POST')
  assert.equal(one?.request.headers['idempotency-key'], `uid-r1/${step.key}`)
  assert.equal(one?.body, two?.body)
  assert.equal(one?.request.headers.authorization, `Bearer ${token}`)
  const signature = createHmac('sha256', token)
    .update(one?.body ?? '')
    .digest('hex')
  assert.equal(one?.request.headers['x-flotilla-signature'], `sha256=${signature}`)
  assert.deepEqual(JSON.parse(one?.body ?? ''), {
    rollout: 'r1',
    release: 'shop-2',
    application: 'shop',
    project: 'shop',
    stage: 'prod',
    step: 'step',
    attempt: 1,
    key: `uid-r1/${step.key}`,
    target: { cluster: 'east', namespace: 'shop' },
  })
})

test('a webhook is asked again on 202 and while it is ill, and believed when it refuses', async (t) => {
  let status = 202
  const { url, deps, seen, clock } = await listen(t, (_seen, response) => {
    response.statusCode = status
    response.end(`because of ${token}`)
  })
  const step = webhook({ url, secretName: 'there' })
  const runner = createWebhookRunner(deps)
  const see = () => runner.see(step, stepContext(), signal)
  assert.equal((await see()).state, 'running')
  await see()
  assert.equal(seen.length, 1)
  clock.advance(10_000)
  status = 503
  const ill = await see()
  assert.equal(ill.state, 'running')
  assert.match(JSON.stringify(ill), /503/)
  assert.equal(seen.length, 2)
  clock.advance(2_000)
  await see()
  assert.equal(seen.length, 3)
  clock.advance(2_000)
  await see()
  assert.equal(seen.length, 3, 'each time later')
  clock.advance(60_000)
  assert.equal((await see()).state, 'running')
  const late = { ...step, since: new Date(clock.now() - 600_000).toISOString() }
  const other = await createWebhookRunner(deps).see(late, stepContext(), signal)
  assert.equal(other.state, 'failed', 'its time is up')
  clock.advance(60_000)
  status = 403
  const refused = await see()
  assert.equal(refused.state, 'failed')
  assert.doesNotMatch(JSON.stringify([ill, refused]), new RegExp(token))
  assert.equal(seen.length, 6)
  await see()
  assert.equal(seen.length, 6, 'what is over is not asked again')
})

test('a webhook goes by the statuses it names, and needs its Secret', async (t) => {
  const { url, deps } = await listen(t, (_seen, response) => {
    response.statusCode = 202
    response.end()
  })
  const see = (given: object) => createWebhookRunner(deps).see(webhook({ url, ...given }), stepContext(), signal)
  assert.equal((await see({ status: [202] })).state, 'succeeded')
  assert.equal((await see({ status: [200] })).state, 'running')
  assert.equal((await see({ secretName: 'gone' })).state, 'failed')
})

test('what is asked to end while it measures gives no sample', async (t) => {
  const { url, deps } = await listen(t, () => {})
  const stop = new AbortController()
  const looking = createAnalysisRunner(deps).see(analysis({ http: { url }, samples: 1 }), stepContext(), stop.signal)
  setTimeout(() => stop.abort(), 50)
  await assert.rejects(looking, (thrown) => asFlotillaError(thrown).message.includes('abort'))
})
