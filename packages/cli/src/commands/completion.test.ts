import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { buildProgram } from '../program.ts'
import { type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import { testIo } from '../testing/test-io.ts'
import { complete } from './completion.ts'

describe('completion of releases, plans and rollouts (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => {
    server = await startFakeServer()
    const named = (name: string) => ({ items: [{ project: 'shop', name }], total: 1 })
    server.answers = {
      'GET /releases': named('web-3'),
      'GET /plans': named('staged'),
      'GET /rollouts': named('web-3-1'),
      'GET /clusters': { items: [{ name: 'east' }], total: 1 },
    }
  })
  after(() => server.close())

  for (const [line, words] of [
    ['release show ', ['shop/web-3']],
    ['release diff shop/web-2 ', ['shop/web-3']],
    ['approve sh', ['shop/web-3']],
    ['rollout start shop/web-3 --plan ', ['staged']],
    ['rollout start shop/web-3 --target ', ['east']],
    ['rollout status ', ['shop/web-3-1']],
    ['plan show ', ['shop/staged']],
    ['plan check shop/staged --release ', ['web-3']],
    ['approve shop/web-3 --rollout ', ['web-3-1']],
    ['release list --phase R', ['Rejected', 'RolledBack', 'Rolling']],
    ['rollout re', ['resolve', 'resume', 'retry']],
  ] as const)
    test(`of "${line}"`, async () => {
      const io = testIo({ env: server.env })
      assert.deepEqual(await complete(io, buildProgram(io, 'test'), line.split(' ')), words)
    })
})
