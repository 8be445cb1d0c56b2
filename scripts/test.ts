import { spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/**
 * `make test`: unit tests side by side, then the tests on real clusters, then the browser, each of the last two one
 * file at a time on one fleet that is brought up for this run and taken down after it.
 * `--quick` leaves out the browser and files named `*.long.cluster.test.ts`. A word selects files whose path holds it.
 */
interface Totals {
  passed: number
  failed: number
  skipped: number
}

const options = process.argv.slice(2)
const quick = options.includes('--quick')
const words = options.filter((option) => !option.startsWith('-'))

async function findTests(): Promise<{ unit: string[]; cluster: string[]; browser: string[] }> {
  const found: string[] = []
  for await (const file of glob([
    'packages/*/src/**/*.test.ts',
    'packages/console/dev/**/*.test.ts',
    'e2e/**/*.test.ts',
    'scripts/**/*.test.ts',
  ])) {
    if (words.length === 0 || words.some((word) => file.includes(word))) found.push(file)
  }
  found.sort()
  const browser = found.filter((file) => file.endsWith('.browser.test.ts'))
  const cluster = found.filter((file) => file.endsWith('.cluster.test.ts'))
  return {
    unit: found.filter((file) => !browser.includes(file) && !cluster.includes(file)),
    cluster: quick ? cluster.filter((file) => !file.endsWith('.long.cluster.test.ts')) : cluster,
    browser: quick ? [] : browser,
  }
}

/**
 * Real clusters share one machine with everything else on it, so a file that failed there is run once more by itself.
 * It is said, and counted as it went the second time.
 */
async function runTwice(title: string, files: string[], totals: Totals): Promise<void> {
  const again: string[] = []
  for (const file of files) {
    const once: Totals = { passed: 0, failed: 0, skipped: 0 }
    await runFiles(`${title}: ${file}`, [file], 1, once)
    if (once.failed > 0 || once.passed + once.skipped === 0) again.push(file)
    else add(totals, once)
  }
  for (const file of again) {
    console.log(`\n== ${file} failed; it is run once more`)
    await runFiles(`${title}, second time: ${file}`, [file], 1, totals)
  }
}

/** Side by side; some of them measure time, so a file that failed in company is run once more alone. */
async function runUnits(files: string[], totals: Totals): Promise<void> {
  const failed = new Set<string>()
  await runFiles('unit', files, Math.max(1, cpus().length), totals, failed)
  for (const file of failed) {
    console.log(`\n== ${file} failed in company; it is run once more alone`)
    await runFiles(`unit, alone: ${file}`, [file], 1, totals)
  }
}

function add(totals: Totals, more: Totals): void {
  totals.passed += more.passed
  totals.failed += more.failed
  totals.skipped += more.skipped
}

async function runFiles(
  title: string,
  files: string[],
  concurrency: number,
  totals: Totals,
  failed?: Set<string>,
): Promise<void> {
  if (files.length === 0) return
  const started = performance.now()
  console.log(`\n== ${title}: ${files.length} files`)
  const stream = run({ files, concurrency, timeout: 15 * 60_000, forceExit: false })
  stream.on('test:summary', (summary) => {
    if (failed !== undefined) {
      if (summary.file === undefined) return
      // what failed is counted when it is run alone
      if (!summary.success) {
        failed.add(path.relative('.', summary.file))
        return
      }
    } else if (summary.file !== undefined) return
    totals.passed += summary.counts.passed
    totals.failed += summary.counts.tests - summary.counts.passed - summary.counts.skipped - summary.counts.todo
    totals.skipped += summary.counts.skipped + summary.counts.todo
  })
  await new Promise<void>((resolve, reject) => {
    const report = stream.compose(spec)
    report.on('error', reject)
    report.on('end', resolve)
    report.pipe(process.stdout, { end: false })
  })
  console.log(`== ${title}: ${Math.round((performance.now() - started) / 1000)} s`)
}

function runCommand(command: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

async function prepare(totals: Totals): Promise<void> {
  const { prepareRun } = await import('../packages/local/src/testing/run-fleet.ts')
  try {
    await prepareRun((line) => console.log(line))
  } catch (error) {
    console.error(error)
    totals.failed++
  }
}

async function withFleet(work: () => Promise<void>, totals: Totals): Promise<void> {
  const { startRunFleet } = await import('../packages/local/src/testing/run-fleet.ts')
  let fleet
  try {
    fleet = await startRunFleet((line) => console.log(line))
  } catch (error) {
    console.error(error)
    totals.failed++
    return
  }
  process.env['FLOTILLA_TEST_FLEET'] = fleet.file
  try {
    await work()
  } finally {
    await fleet.stop()
  }
}

const totals: Totals = { passed: 0, failed: 0, skipped: 0 }
const tests = await findTests()
await prepare(totals)
await runUnits(tests.unit, totals)
if (tests.cluster.length + tests.browser.length > 0) {
  if (
    tests.browser.length > 0 &&
    (await runCommand('npm', ['run', '--silent', '--workspace', '@flotilla/console', 'build'])) !== 0
  )
    totals.failed++
  await withFleet(async () => {
    await runTwice('real clusters', tests.cluster, totals)
    await runTwice('browser', tests.browser, totals)
  }, totals)
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
