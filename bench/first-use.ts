import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runProgram } from '../e2e/support/run-program.ts'
import { spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const program = path.resolve(import.meta.dirname, '../bin/flotilla')
const warmSeconds = 30
const emptySeconds = 60
/** Between a stop and the next start, so that neither pays for the other. */
const pauseMs = 5_000

/**
 * B9: `make up`, in a folder of its own: from nothing but the compiled parts, again after `make down`, and once more
 * while all runs. Compiling the parts is not measured here: it takes the machine's every core for minutes.
 */
export async function runFirstUse({ rounds = 3, signal, say }: RunOptions): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-'))
  const port = await freePort()
  const local = (...args: string[]) => runProgram(program, ['local', '--dir', folder, ...args])
  const seconds = async (...args: string[]): Promise<number> => {
    const began = performance.now()
    const { code, output } = await local(...args)
    const took = Math.round(performance.now() - began) / 1000
    assert.equal(code, 0, output)
    say(`${args.join(' ')}: ${took} s`)
    return took
  }
  const up = async (): Promise<number> => {
    const took = await seconds('up', '--port', String(port))
    await checkRuns(local, port)
    return took
  }
  const empty: number[] = []
  const warm: number[] = []
  const running: number[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      empty.push(await up())
      running.push(await up())
      await seconds('down')
      await wait(pauseMs)
      warm.push(await up())
      await seconds('clean')
      await wait(pauseMs)
    }
  } finally {
    await local('clean')
    await rm(folder, { recursive: true, force: true })
  }
  const [emptySpread, warmSpread] = [spreadOf(empty), spreadOf(warm)]
  return {
    title: '`make up` until the shop is healthy in two clusters',
    conditions: [
      'Three real clusters, a registry, the server, and the demo shop; the time ends when the command has said that the shop is healthy in both members.',
      '"From compiled parts" begins in an empty folder, with the parts compiled (or unpacked) before, as where the packed parts are installed; installing the package itself is not in it.',
      'The cold build is not measured here.',
    ],
    checked:
      'after each start all three clusters were ready, the server answered, and the command had seen the shop healthy in east and west.',
    versions: {},
    figures: [
      {
        what: 'Warm (after `make down`)',
        unit: 's',
        value: warmSpread,
        toReach: `<= ${warmSeconds} s`,
        reached: warmSpread.median <= warmSeconds,
      },
      {
        what: 'From compiled parts, in an empty folder',
        unit: 's',
        value: emptySpread,
        toReach: `<= ${emptySeconds} s`,
        reached: emptySpread.median <= emptySeconds,
      },
      { what: 'Repeated while all runs', unit: 's', value: spreadOf(running) },
    ],
    samples: { empty, warm, running },
  }
}

async function checkRuns(local: (...args: string[]) => ReturnType<typeof runProgram>, port: number): Promise<void> {
  const { output } = await local('status', '-o', 'json')
  const { clusters } = JSON.parse(output) as { clusters: { name: string; state: string }[] }
  assert.deepEqual(
    clusters.map(({ name, state }) => `${name} ${state}`),
    ['hub ready', 'east ready', 'west ready'],
  )
  assert.ok((await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 'the server does not answer')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('there is no free port')
  return address.port
}
