import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openTestFleet, pushAgent } from '@flotilla/local'
import { runProgram } from './support/run-program.ts'
import { type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'

const flotilla = path.resolve(import.meta.dirname, '../bin/flotilla')

const tour = (args: readonly string[], env: NodeJS.ProcessEnv) => runProgram(flotilla, ['tour', ...args], env, 600_000)

describe('tours', () => {
  let server: RunningFlotilla
  let fleetDir: string
  before(async () => {
    const fleet = await openTestFleet()
    fleetDir = fleet.dir
    const { address } = fleet.registry
    await pushAgent(address, { onProgress: () => undefined })
    // where agents of the fleet reach it, too
    server = await startFlotilla({ fleet, alsoListenAt: address.split(':')[0] ?? '' })
  })
  after(() => server?.stop())

  test('the fleet tour tells its story to the end', async () => {
    const env = { FLOTILLA_SERVER: server.url, FLOTILLA_TOKEN: await server.token() }
    const { code, output } = await tour(['fleet', '--fleet', fleetDir], env)
    assert.equal(code, 0, output)
    assert.match(output, /8\. Back to the first revision/)
    assert.match(output, /Every step was so\.\n$/)
    assert.doesNotMatch(output, /could not clean up/)
  })

  test('the access tour tells its story to the end', async () => {
    const env = { FLOTILLA_SERVER: server.url, FLOTILLA_TOKEN: await server.token() }
    const { code, output } = await tour(['access', '--fleet', fleetDir], env)
    assert.equal(code, 0, output)
    assert.match(output, /her exec ended within 5 s/)
    assert.match(output, /what was open ended within 5 s/)
    assert.match(output, /Every step was so\.\n$/)
    assert.doesNotMatch(output, /could not clean up/)
  })

  test('the releases tour tells its story to the end', async () => {
    const env = { FLOTILLA_SERVER: server.url, FLOTILLA_TOKEN: await server.token() }
    const { code, output } = await tour(['releases', '--fleet', fleetDir], env)
    assert.equal(code, 0, output)
    assert.match(output, /✓ it is paused, and says why/)
    assert.match(output, /✓ its author may not/)
    assert.match(output, /✓ a start is refused/)
    assert.match(output, /Every step was so\.\n$/)
    assert.doesNotMatch(output, /could not clean up/)
  })

  test('a tour that does not exist is wrong usage, and the others are named', async () => {
    const { code, output } = await tour(['nowhere'], {})
    assert.equal(code, 2)
    assert.match(output, /there is no tour nowhere[\s\S]*fleet/)
  })

  test('without a fleet it says how to start one', async () => {
    const { code, output } = await tour(['fleet', '--fleet', path.join(server.dataDir, 'no-fleet')], {})
    assert.equal(code, 1)
    assert.match(output, /make up/)
  })
})
