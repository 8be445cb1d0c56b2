import { glob } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { renderReport } from '../packages/local/src/cli/print-progress.ts'
import { ensureConsole } from '../packages/local/src/console-build.ts'
import { ensureProgram, ensureTestProcesses } from '../packages/local/src/program-build.ts'
import { cacheRoot } from '../packages/local/src/paths.ts'
import type { ProgressReport } from '../packages/local/src/progress.ts'
import type { ClusterSpec } from '../packages/local/src/fleet.ts'
import { soloClusters, testClusters } from '../packages/local/src/testing/open-test-fleet.ts'
import { prepareRun, type RunFleet, startRunFleet } from '../packages/local/src/testing/run-fleet.ts'
import { runFiles, type Totals } from './run-files.ts'
import { runTogether } from './run-together.ts'

/**
 * `make test`: unit tests, and beside them what needs real clusters and the browser, in lanes. A lane runs its files one
 * after another on a fleet of its own, so that a test may cut a cluster off, or run a server on the host.
 * `--quick` leaves out the browser and files named `*.long.cluster.test.ts`. A word selects files whose path holds it.
 */
interface Lane {
  readonly name: string
  readonly files: readonly string[]
  /** The clusters of its own fleet. Without one it borrows that of the lane `solo`, for what keeps to a namespace of its own. */
  readonly clusters?: readonly ClusterSpec[]
}

const options = process.argv.slice(2)
const quick = options.includes('--quick')
const words = options.filter((option) => !option.startsWith('-'))

async function findTests(): Promise<string[]> {
  const found: string[] = []
  for await (const file of glob([
    'packages/*/src/**/*.test.ts',
    'packages/console/dev/**/*.test.ts',
    'bench/**/*.test.ts',
    'e2e/**/*.test.ts',
    'scripts/**/*.test.ts',
  ])) {
    if (words.length === 0 || words.some((word) => file.includes(word))) found.push(file)
  }
  const isLeftOut = (file: string) => /\.browser\.test\.ts$|\.long\.cluster\.test\.ts$/.test(file)
  return found.filter((file) => !quick || !isLeftOut(file)).toSorted()
}

const isUnit = (file: string): boolean => !/\.(?:cluster|browser)\.test\.ts$/.test(file)
/** They show the console over a fixture. */
const isFixture = (file: string): boolean => /^packages\/console\/.*\.browser\./.test(file)

/** They start fleets of their own, or need no more than any API server. */
const needsNoFleet = (file: string): boolean =>
  isFixture(file) ||
  /^packages\/(?:kube|engine)\/|^packages\/local\/src\/(?!fleet\.)|^packages\/server\/src\/(?:access\/providers|store)\//.test(
    file,
  )

/** They cut clusters off, or deliver to more than one. */
const needsMembers = (file: string): boolean =>
  /^e2e\/(?!kill-)|^packages\/local\/|\/(?:faults|removal|resources|hostile|waves)\./.test(file)
/** They kill servers for minutes, with a host of their own. */
const kills = (file: string): boolean => /\/kill[-.]/.test(file)

function toLanes(files: readonly string[]): Lane[] {
  const needsFleet = files.filter((file) => !needsNoFleet(file))
  return [
    { name: 'fleet', files: needsFleet.filter(needsMembers), clusters: testClusters },
    { name: 'solo', files: needsFleet.filter((file) => !needsMembers(file) && !kills(file)), clusters: soloClusters },
    { name: 'kills', files: needsFleet.filter(kills), clusters: soloClusters },
    { name: 'machine', files: files.filter(needsNoFleet) },
  ].filter((lane) => lane.files.length > 0)
}

const envOf = (fleet: RunFleet | undefined): NodeJS.ProcessEnv => ({
  ...process.env,
  ...(fleet === undefined ? {} : { FLOTILLA_TEST_FLEET: fleet.file }),
})

/** A file that failed in company may only have been too slow: it is run once more alone, which is said and counts. */
async function runAlone(file: string, fleet: RunFleet | undefined, totals: Totals): Promise<void> {
  const again = await runFiles(`${file}, which failed beside others, alone`, [file], { totals, env: envOf(fleet) })
  totals.failed += again.length
}

async function run(totals: Totals): Promise<void> {
  const say = (line: string): void => console.log(line)
  // tests and the programs that they start compile what did not change only once
  process.env['NODE_COMPILE_CACHE'] ??= path.join(cacheRoot(), 'node')
  const files = await findTests()
  const units = files.filter(isUnit)
  const lanes = toLanes(files.filter((file) => !isUnit(file)))
  await prepareRun(say)
  const needsConsole = files.some((file) => file.endsWith('.browser.test.ts'))
  const onProgress = (report: ProgressReport): void => say(renderReport(report))
  if (needsConsole) await ensureConsole({ onProgress })
  // servers and commands of the tests are those that ship, and start in a third of the time
  if (lanes.length > 0) process.env['FLOTILLA_PROGRAM'] = await ensureProgram({ onProgress })
  if (files.some(kills)) process.env['FLOTILLA_TEST_PROCESSES'] = await ensureTestProcesses({ onProgress })
  const fleets = new Map<string, RunFleet>()
  const stopFleets = () => Promise.all([...fleets.values()].map((fleet) => fleet.stop()))
  let interrupted = false
  // once: a second Ctrl-C ends it at once. What stays then, or was just starting, is cleaned by the next run.
  process.once('SIGINT', () => {
    interrupted = true
    say('Interrupted: stopping the clusters of this run')
    void stopFleets().finally(() => process.exit(130))
  })
  try {
    // one after another: each takes both processors while it starts
    const starting = new Map<string, Promise<RunFleet>>()
    const specs = lanes.flatMap(({ name, clusters }) => (clusters === undefined ? [] : [{ name, clusters }]))
    if (specs.length === 0 && !files.every((file) => isUnit(file) || isFixture(file)))
      specs.push({ name: 'lent', clusters: soloClusters })
    let last: Promise<unknown> = Promise.resolve()
    for (const { name, clusters } of specs) {
      const start = last.then(async () => {
        const fleet = await startRunFleet(name, clusters, say)
        fleets.set(name, fleet)
        return fleet
      })
      // whoever needs it hears of a failure, and nobody else
      start.catch(() => undefined)
      last = start
      starting.set(name, start)
    }
    const lent = starting.get('solo') ?? starting.values().next().value
    const failed: { readonly file: string; readonly fleet: RunFleet | undefined }[] = []
    const runLane = async (lane: Lane): Promise<void> => {
      for (const file of lane.files) {
        const fleet = isFixture(file) ? undefined : await (starting.get(lane.name) ?? lent)
        if (interrupted) return
        const again = await runFiles(file, [file], { totals, env: envOf(fleet) })
        failed.push(...again.map(() => ({ file, fleet })))
      }
    }
    const runUnits = async (): Promise<void> => {
      // beside the lanes, which wait for clusters most of the time; those of a quick run are few
      const concurrency = lanes.length === 0 || quick ? cpus().length : 1
      const again = await runTogether(units, { totals, concurrency })
      failed.push(...again.map((file) => ({ file, fleet: undefined })))
    }
    for (const one of await Promise.allSettled([runUnits(), ...lanes.map(runLane)]))
      if (one.status === 'rejected') throw one.reason
    for (const { file, fleet } of interrupted ? [] : failed) await runAlone(file, fleet, totals)
  } finally {
    await stopFleets()
  }
}

const totals: Totals = { passed: 0, failed: 0, skipped: 0 }
try {
  await run(totals)
} catch (error) {
  console.error(error)
  totals.failed++
}
console.log(`\n${totals.skipped} skipped; why stands beside each\n${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
