import path from 'node:path'
import { text } from 'node:stream/consumers'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

export interface Totals {
  passed: number
  failed: number
  skipped: number
}

const mostMs = 15 * 60_000

/**
 * Runs test files, and prints all they said in one piece when they have ended: others may run beside them. Adds what was
 * counted to `totals`; the answer is the files that failed, of which nothing was added.
 */
export async function runFiles(
  title: string,
  files: readonly string[],
  { totals, env }: { readonly totals: Totals; readonly env: NodeJS.ProcessEnv },
): Promise<string[]> {
  if (files.length === 0) return []
  const began = performance.now()
  console.log(`== ${title}: begun`)
  // `env` is newer (Node 24.14) than the types know
  const runOptions = { files: [...files], concurrency: 1, timeout: mostMs, env }
  const stream = run(runOptions)
  // a file that ended before its first test has tested nothing
  const failed = new Set(files)
  stream.on('test:summary', ({ file, success, counts }) => {
    if (file === undefined || !success || counts.tests === 0) return
    failed.delete(path.relative('.', file))
    totals.passed += counts.passed
    totals.skipped += counts.skipped + counts.todo
  })
  const said = await text(stream.compose(spec))
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${said.trimEnd()}\n== ${title}: ${failed.size === 0 ? 'passed' : 'FAILED'} after ${seconds} s\n`)
  return [...failed]
}
