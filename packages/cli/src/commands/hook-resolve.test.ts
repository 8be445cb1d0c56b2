import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { buildProgram } from '../program.ts'
import { type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import { rolloutDetail, stageView, targetView } from '../testing/release-fixtures.ts'
import { testIo } from '../testing/test-io.ts'

const path = '/projects/shop/applications/web/hooks/resolution'
const said = ['--outcome', 'Failed', '--reason', 'no column']

describe('saying how a hook ended (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => void (server = await startFakeServer()))
  after(() => server.close())
  beforeEach(() => {
    server.asked.length = 0
    server.answers = {
      [`POST ${path}`]: {
        project: 'shop',
        application: 'web',
        hook: 'migrate',
        cluster: 'west',
        namespace: 'shop',
        outcome: 'Failed',
      },
    }
  })
  const run = async (...words: string[]) => {
    const io = testIo({ env: server.env })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', ...words])
    return io.said
  }
  const sent = () => server.asked.filter(({ method }) => method === 'POST').map(({ path: to, body }) => [to, body])

  test('of an application that is delivered directly', async () => {
    const { out } = await run('hook', 'resolve', 'shop/web', '--target', 'west', ...said)
    assert.deepEqual(
      sent().map(([, body]) => body),
      [{ cluster: 'west', outcome: 'Failed', reason: 'no column' }],
    )
    assert.match(out, /migrate in west\/shop is taken to have failed/)
  })

  test('of a rollout, whose target that failed is tried again', async () => {
    const targets = [targetView({ cluster: 'west', phase: 'Failed' })]
    server.answers['GET /projects/shop/rollouts/web-3-1'] = rolloutDetail({
      stages: [stageView({ name: 'rest', targets })],
    })
    server.answers['POST /projects/shop/rollouts/web-3-1/retry'] = {
      project: 'shop',
      rollout: 'web-3-1',
      changed: true,
    }
    await run('rollout', 'resolve', 'shop/web-3-1', '--target', 'west', '--hook', 'migrate', ...said)
    assert.deepEqual(
      sent().map(([, body]) => body),
      [
        { cluster: 'west', namespace: 'shop', hook: 'migrate', outcome: 'Failed', reason: 'no column' },
        { cluster: 'west', namespace: 'shop' },
      ],
    )
    await assert.rejects(run('rollout', 'resolve', 'shop/web-3-1', '--hook', 'migrate', ...said), {
      name: 'UsageError',
    })
    await assert.rejects(run('rollout', 'resolve', 'shop/web-3-1', ...said), { name: 'UsageError' })
  })
})
