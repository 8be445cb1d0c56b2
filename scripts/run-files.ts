import { text } from 'node:stream/consumers'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

export interface Totals {
  passed: number
  failed: number
  skipped: number
}

const mostMs = 15 * 60_000

/** Runs test files, and prints all they said in one piece when they have ended: others may run beside them. */
export async function runFiles(
  title: string,
  files: readonly string[],
  { concurrency, env = process.env }: { readonly concurrency: number; readonly env?: NodeJS.ProcessEnv },
): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 }
  if (files.length === 0) return totals
  const began = performance.now()
  console.log(`== ${title}: begun`)
  // `env` is newer (Node 24.14) than the types know
  const runOptions = { files: [...files], concurrency, timeout: mostMs, env }
  const stream = run(runOptions)
  stream.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return
    totals.passed += counts.passed
    totals.skipped += counts.skipped + counts.todo
    totals.failed += counts.tests - counts.passed - counts.skipped - counts.todo
  })
  const said = await text(stream.compose(spec))
  // a file that ended before its first test has tested nothing
  if (totals.passed + totals.failed + totals.skipped === 0) totals.failed++
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${said.trimEnd()}\n== ${title}: ${totals.failed === 0 ? 'passed' : 'FAILED'} after ${seconds} s\n`)
  return totals
}

export function addTotals(totals: Totals, more: Totals): void {
  totals.passed += more.passed
  totals.failed += more.failed
  totals.skipped += more.skipped
}
