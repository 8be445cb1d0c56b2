import { fork } from 'node:child_process'
import { setPriority } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { Totals } from './run-files.ts'

/** What a group's process tells at its end; `failed` names files as they were given. */
export interface GroupReport {
  readonly passed: number
  readonly skipped: number
  readonly failed: readonly string[]
}

/** No package takes a tenth of it. */
const mostMs = 10 * 60_000
const program = path.join(import.meta.dirname, 'run-group.ts')

/**
 * Runs unit tests, those of a package in one process: most of what a short test costs is the start of its process and
 * the reading of what it imports. Prints and counts as `runFiles` does; the answer is the files that failed.
 */
export async function runTogether(
  files: readonly string[],
  { totals, concurrency }: { readonly totals: Totals; readonly concurrency: number },
): Promise<string[]> {
  // the largest first, as none of them may begin last and be waited for
  const groups = [...Map.groupBy(files, packageOf)].toSorted(([, one], [, other]) => other.length - one.length)
  const failed: string[] = []
  const runNext = async (): Promise<void> => {
    for (let next = groups.shift(); next !== undefined; next = groups.shift())
      failed.push(...(await runGroup(...next, totals)))
  }
  await Promise.all(Array.from({ length: concurrency }, runNext))
  return failed
}

const packageOf = (file: string): string => /^packages\/[^/]+|^[^/]+/.exec(file)?.[0] ?? file

async function runGroup(title: string, files: readonly string[], totals: Totals): Promise<readonly string[]> {
  const began = performance.now()
  const child = fork(program, files, { silent: true })
  let report: GroupReport | undefined
  child.on('message', (message) => {
    report = message as GroupReport
  })
  // what runs beside it has clusters that wait for nobody
  if (child.pid !== undefined) setPriority(child.pid, 5)
  // one that hangs must not hold up all others for good
  const late = setTimeout(() => {
    console.log(`== unit tests of ${title}: ended after ${mostMs / 60_000} minutes, as something in them hangs`)
    child.kill('SIGKILL')
    for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  }, mostMs)
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
  const [said, complained] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout).catch(() => ''),
    child.stderr === null ? '' : text(child.stderr).catch(() => ''),
    ended,
  ])
  clearTimeout(late)
  // a process that ended before it could tell has tested nothing
  const { passed, skipped, failed } = report ?? { passed: 0, skipped: 0, failed: files }
  totals.passed += passed
  totals.skipped += skipped
  const seconds = Math.round((performance.now() - began) / 1000)
  const verdict = failed.length === 0 ? 'passed' : 'FAILED'
  console.log(`${said.trimEnd()}${complained}\n== unit tests of ${title}: ${verdict} after ${seconds} s\n`)
  return failed
}
