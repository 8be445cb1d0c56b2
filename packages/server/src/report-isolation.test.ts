import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJsonLog } from '@flotilla/engine'
import { FlotillaError } from '@flotilla/model'
import type { WorkerDescription } from '@flotilla/render'
import { reportIsolation } from './report-isolation.ts'

/** What is logged over a worker that gives this answer. */
async function logged(
  describeWorker: () => Promise<WorkerDescription>,
  signal = new AbortController().signal,
): Promise<string> {
  const lines: string[] = []
  const log = createJsonLog({ write: (line) => lines.push(line), level: 'warn' })
  await reportIsolation({ describeWorker }, log, signal)
  return lines.join('\n')
}
const workerWith = (network: boolean, files: boolean) => async () => ({
  helm: 'v4',
  kustomize: 'v5',
  isolation: { network, files },
})

test('a worker without isolation is warned of at the start, with the remedy; one with it is not', async () => {
  assert.equal(await logged(workerWith(true, true)), '')
  assert.match(await logged(workerWith(false, false)), /"level":"warn".*network and files.*user namespaces/)
  assert.match(await logged(workerWith(true, false)), /the server's files/)
})

test('a worker that cannot be started is warned of before the first chart needs it', async () => {
  const broken = new FlotillaError('render.worker', { message: 'It cannot be started', remedy: 'Build it' })
  assert.match(await logged(() => Promise.reject(broken)), /render\.worker.*It cannot be started.*Build it/)
})

test('a server that ends does not wait for a worker that does not answer', { timeout: 5_000 }, async () => {
  const ending = new AbortController()
  const silent = () => new Promise<never>(() => {})
  const report = logged(silent, ending.signal)
  ending.abort()
  assert.equal(await report, '')
  assert.equal(await logged(silent, ending.signal), '')
})
