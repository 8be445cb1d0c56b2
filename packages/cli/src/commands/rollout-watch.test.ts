import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { RolloutDetail } from '@flotilla/api'
import type { Io } from '../io.ts'
import { buildProgram } from '../program.ts'
import { type FakeServer, refuse, startFakeServer } from '../testing/fake-server.ts'
import { rolloutDetail, stageView, targetView } from '../testing/release-fixtures.ts'
import { testIo } from '../testing/test-io.ts'

const path = '/projects/shop/rollouts/web-3-1'

describe('flotilla rollout status (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => void (server = await startFakeServer()))
  after(() => server.close())
  beforeEach(() => {
    server.asked.length = 0
    server.answers = { [`GET ${path}`]: rolloutDetail() }
  })
  const run = async (words: readonly string[], given: Partial<Io> = {}) => {
    const io = testIo({ env: server.env, ...given })
    const argv = ['node', 'flotilla', 'rollout', 'status', 'shop/web-3-1', ...words]
    const thrown: unknown = await buildProgram(io, 'test')
      .parseAsync(argv)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    return { ...io.said, ended: thrown instanceof Error ? thrown.name : undefined }
  }
  /** Streams these as changes, one after another, and stays open. */
  const streaming = (details: readonly RolloutDetail[]) => (_asked: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (event: string, id: number, data: object) =>
      response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`)
    send('hello', 0, { heartbeatSeconds: 15, resumed: true })
    details.forEach((row, at) => send('change', at + 1, { topic: 'rollout', key: 'shop/web-3-1', row }))
    return undefined
  }

  test('shows stages, targets and steps, what it waits for since when, and what to do', async () => {
    server.answers[`GET ${path}`] = rolloutDetail({
      phase: 'Paused',
      reason: 'StageFailed',
      message: 'west failed\u001b[2J',
      waitingFor: 'a person',
      waitingSince: '2025-12-31T23:57:00Z',
      targets: { total: 2, done: 0, failed: 1, deferred: 0 },
      left: [{ cluster: 'new', namespace: 'shop' }],
      stages: [
        stageView({ name: 'canary', targets: [targetView({ cluster: 'west', phase: 'Failed', message: 'exit 1' })] }),
      ],
    })
    const { out, ended } = await run([])
    assert.equal(ended, undefined)
    assert.match(out, /shop\/web-3-1 {2}release web-3 of web by plan staged, begun by ana 5m ago/)
    assert.match(out, /Paused for 5m: StageFailed: west failed\\x1b\[2J/)
    assert.match(out, /Waits for a person since 2025-12-31T23:57:00Z \(3m\)/)
    assert.match(out, /Targets: 0 of 2 done, 1 failed/)
    assert.match(out, /have no part in it: new\/shop/)
    assert.match(out, /\n {2}west\/shop +Failed +2m +exit 1/)
    assert.match(out, /To try west\/shop again: flotilla rollout retry/)
    assert.equal((await run(['--exit-on-pause'])).ended, 'NotAsWanted')
  })

  for (const [given, ended] of [
    [{ phase: 'Succeeded' }, undefined],
    [{ phase: 'Failed' }, 'NotAsWanted'],
    [{ phase: 'RolledBack', action: 'Rollback' }, undefined],
    [{ phase: 'Aborted' }, 'NotAsWanted'],
  ] as const)
    test(`ends ${ended === undefined ? 'well' : 'with 3'}: ${JSON.stringify(given)}`, async () => {
      server.answers[`GET ${path}`] = rolloutDetail(given)
      assert.equal((await run([])).ended, ended)
      assert.equal((await run(['--watch'])).ended, ended)
    })

  test('follows the stream in lines of what is new, until it ended', async () => {
    const healthy = rolloutDetail({
      stages: [stageView({ name: 'canary', targets: [targetView({ cluster: 'west', phase: 'Succeeded' })] })],
    })
    server.answers['GET /stream'] = streaming([rolloutDetail(), healthy, { ...healthy, phase: 'Succeeded' }])
    const { out, ended } = await run(['--watch'])
    assert.equal(ended, undefined)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\S+ /, ''))
    assert.deepEqual(lines, [
      'web-3-1: Running',
      'canary: Targets',
      'canary west/shop: Applying',
      'canary: Pending',
      'canary west/shop: Succeeded',
      'web-3-1: Succeeded',
    ])
    assert.ok(!out.includes('\u001b'))
  })

  test('draws the whole anew on a terminal', async () => {
    server.answers['GET /stream'] = streaming([rolloutDetail({ phase: 'Succeeded' })])
    const { out } = await run(['--watch'], { terminal: true })
    assert.equal(out.split('\u001b[H\u001b[2J').length, 3)
  })

  test('is read in turns where nothing is streamed', async () => {
    server.answers['GET /stream'] = refuse(422, { code: 'input.invalid', message: 'is no topic' })
    const reads = [rolloutDetail(), rolloutDetail({ phase: 'Failed', message: 'west failed' })]
    server.answers[`GET ${path}`] = () => reads.shift() ?? refuse(500, { code: 'internal', message: 'read too often' })
    const { out, ended } = await run(['--watch'])
    assert.equal(ended, 'NotAsWanted')
    assert.match(out, /web-3-1: Failed: west failed\n$/)
  })

  test('stops where it paused by itself when asked to, and goes on over the pause of a person', async () => {
    const paused = { by: { name: 'ana', id: '1' } }
    const byPerson = rolloutDetail({ phase: 'Paused', paused })
    server.answers['GET /stream'] = streaming([byPerson, rolloutDetail({ phase: 'Paused', reason: 'StepFailed' })])
    const { out, ended } = await run(['--watch', '--exit-on-pause'])
    assert.equal(ended, 'NotAsWanted')
    assert.match(out, /web-3-1: Paused\n[^\n]*web-3-1: Paused: StepFailed\n$/)
  })

  test('gives every change as a document to a program', async () => {
    server.answers['GET /stream'] = streaming([rolloutDetail(), rolloutDetail({ phase: 'Succeeded' })])
    const { out } = await run(['--watch', '-o', 'json'])
    assert.deepEqual(
      [...out.matchAll(/^ {2}"phase": "(\w+)"/gm)].map(([, phase]) => phase),
      ['Running', 'Succeeded'],
    )
  })

  test('ends with the interrupt, and says that the rollout goes on', async () => {
    server.answers['GET /stream'] = streaming([])
    const interrupt = new AbortController()
    const work = run(['--watch'], { signal: interrupt.signal })
    setTimeout(() => interrupt.abort(new Error('interrupted')), 300)
    const { err, ended } = await work
    assert.ok(ended !== undefined)
    assert.match(err, /It goes on without you/)
  })
})
