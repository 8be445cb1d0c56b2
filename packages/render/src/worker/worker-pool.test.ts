import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlotillaError } from '@flotilla/model'
import { packArchive } from '../archive/pack-archive.ts'
import { filesOf } from '../testing/charts.ts'
import { workerPath } from '../testing/parts.ts'
import { WorkerPool } from './worker-pool.ts'
import type { RenderAnswer, WorkerVersion } from './worker-protocol.ts'

const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'

async function params(template: string, more: object = {}): Promise<object> {
  const files = filesOf({ 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', 'templates/a.yaml': template })
  return {
    chart: Buffer.from(await packArchive(files, 'c')).toString('base64'),
    name: 'r',
    namespace: 'n',
    values: {},
    kubeVersion: 'v1.36.3',
    apiVersions: [],
    maxOutput: 1024 * 1024,
    ...more,
  }
}

const failsWith = (code: string) => (thrown: unknown) => thrown instanceof FlotillaError && thrown.code === code

describe('a pool of workers', () => {
  let path: string
  const open = (more: object = {}): WorkerPool =>
    new WorkerPool({ workerPath: path, maxWorkers: 2, timeoutMs: 20_000, maxBytes: 64 * 1024 * 1024, ...more })
  let pool: WorkerPool
  const render = async (template: string, more: object = {}, call: object = {}): Promise<RenderAnswer> =>
    pool.run<RenderAnswer>({ method: 'render', params: await params(template, more), ...call })

  before(async () => {
    path = await workerPath()
    pool = open()
  })
  after(() => pool.close())

  test('starts nothing until it is asked, and no more than it may', async () => {
    const own = open()
    assert.equal(own.size, 0)
    await Promise.all(Array.from({ length: 6 }, () => own.run({ method: 'version', params: {} })))
    assert.equal(own.size, 2)
    await own.close()
  })

  test('the worker has no network, no files and no environment', async (t) => {
    const version = await pool.run<WorkerVersion>({ method: 'version', params: {} })
    if (!version.isolation.network) {
      t.skip('this kernel grants no namespaces')
      return
    }
    assert.deepEqual(version.isolation, { network: true, files: true })
    const inner = await innerProcess(pool.pids[0] ?? 0)
    const interfaces = await readFile(`/proc/${inner}/net/dev`, 'utf8')
    assert.deepEqual(
      interfaces.match(/^\s*\w+(?=:)/gm)?.map((name) => name.trim()),
      ['lo'],
    )
    assert.deepEqual(await readdir(`/proc/${inner}/root`), [])
    assert.equal((await readFile(`/proc/${inner}/environ`, 'utf8')).includes(process.env['PATH'] ?? 'PATH='), false)
    assert.match(await readFile(`/proc/${inner}/status`, 'utf8'), /NoNewPrivs:\s*1/)
  })

  test('a call whose worker is killed is tried once more', async () => {
    const own = open({ maxWorkers: 1 })
    let asked = 0
    const answer = await own.run<RenderAnswer>({
      method: 'render',
      params: await params(`${object}data: {a: {{ (lookup "v1" "Secret" "n" "s").kind }}}`, { lookup: true }),
      onLookup: async () => {
        if (++asked === 1) {
          process.kill(own.pids[0] ?? 0, 'SIGKILL')
          // what runs inside its isolation dies a moment later
          await sleep(200)
        }
        return { kind: 'Secret' }
      },
    })
    assert.equal(asked, 2)
    assert.equal(own.restarts, 1)
    assert.equal(answer.chart.name, 'c')
    await own.close()
  })

  test('a call whose worker is killed twice fails with render.worker; others do not notice', async () => {
    const other = pool.run<WorkerVersion>({ method: 'version', params: {} })
    const own = open({ maxWorkers: 1 })
    const waiting = [1, 2, 3].map(() => sleep(20).then(() => own.run<WorkerVersion>({ method: 'version', params: {} })))
    const killed = own.run({
      method: 'render',
      params: await params(`${object}data: {a: {{ (lookup "v1" "Secret" "n" "s").kind }}}`, { lookup: true }),
      onLookup: async () => {
        process.kill(own.pids[0] ?? 0, 'SIGKILL')
        await sleep(200)
        return null
      },
    })
    await assert.rejects(killed, failsWith('render.worker'))
    for (const answer of await Promise.all(waiting)) assert.match(answer.helm, /^v4/)
    assert.match((await other).helm, /^v4/)
    await own.close()
  })

  test('a template that panics or recurses fails alone', async () => {
    await assert.rejects(
      render('{{ define "b" }}{{ template "b" }}{{ end }}{{ template "b" }}'),
      failsWith('render.failed'),
    )
    await assert.rejects(render('{{ index (list 1) 7 }}'), failsWith('render.failed'))
    assert.equal((await render(object)).chart.name, 'c')
  })

  test('a template that never ends is cut off by time', async () => {
    // time enough for a worker to start on a busy machine
    const own = open({ timeoutMs: 3000 })
    const began = performance.now()
    const endless = own.run({
      method: 'render',
      params: await params('{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}'),
    })
    await assert.rejects(endless, failsWith('render.limit'))
    assert.ok(performance.now() - began < 15_000)
    assert.match((await own.run<WorkerVersion>({ method: 'version', params: {} })).helm, /^v4/)
    await own.close()
  })

  test('a template that takes all memory is cut off by the worker itself', async () => {
    const bomb =
      '{{ $x := list (repeat 1000000 "x") }}{{ range until 100000 }}{{ $x = append $x (repeat 10000000 "y") }}{{ end }}'
    await assert.rejects(render(bomb), failsWith('render.limit'))
    assert.equal((await render(object)).chart.name, 'c')
  })

  test('output above the limit is refused', async () => {
    await assert.rejects(render(`${object}data: {a: {{ repeat 2000000 "x" }}}`), failsWith('render.limit'))
    const own = open({ maxBytes: 200_000 })
    const large = own.run({ method: 'render', params: await params(`${object}data: {a: {{ repeat 900000 "x" }}}`) })
    await assert.rejects(large, failsWith('render.limit'))
    await own.close()
  })

  test('an aborted call ends at once and leaves the pool usable', async () => {
    const own = open({ maxWorkers: 1 })
    const stop = new AbortController()
    const reason = new Error('no longer wanted')
    const endless = own.run({
      method: 'render',
      params: await params('{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}'),
      signal: stop.signal,
    })
    const queued = own.run({ method: 'version', params: {}, signal: AbortSignal.timeout(50) })
    setTimeout(() => stop.abort(reason), 150)
    await assert.rejects(queued, { name: 'TimeoutError' })
    await assert.rejects(endless, reason)
    assert.match((await own.run<WorkerVersion>({ method: 'version', params: {} })).helm, /^v4/)
    await own.close()
  })

  test('a lookup that is refused fails the call with its own error', async () => {
    const refusal = new FlotillaError('kube.forbidden', { message: 'secrets are not yours' })
    const call = render(
      `${object}data: {a: {{ lookup "v1" "Secret" "n" "s" }}}`,
      { lookup: true },
      { onLookup: () => Promise.reject(refusal) },
    )
    await assert.rejects(call, refusal)
    assert.equal((await render(object)).chart.name, 'c')
  })

  test('an idle worker ends by itself; closing ends the rest', async () => {
    const own = open({ idleMs: 30 })
    await own.run({ method: 'version', params: {} })
    const [pid = 0] = own.pids
    await until(() => !isAlive(pid))
    assert.equal(own.size, 0)
    await own.run({ method: 'version', params: {} })
    const [second = 0] = own.pids
    await own.close()
    await until(() => !isAlive(second))
    await assert.rejects(own.run({ method: 'version', params: {} }), failsWith('render.worker'))
  })

  test('a worker that cannot be started says so', async () => {
    const own = open({ workerPath: '/nowhere/helm-worker' })
    await assert.rejects(own.run({ method: 'version', params: {} }), failsWith('render.worker'))
    await own.close()
  })
})

/** The process that renders is the child of the one that was started. */
async function innerProcess(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')[0])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !done(); i++) await sleep(25)
  assert.ok(done())
}
