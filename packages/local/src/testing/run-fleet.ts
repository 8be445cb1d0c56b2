import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { type ClusterSpec, partsFor, startFleet } from '../fleet.ts'
import { ensureParts } from '../parts.ts'
import { installPackages, prepareMachine } from '../prepare-machine.ts'
import { readFleetRecord, recordFile } from '../fleet-record.ts'
import { cleanLeftovers, removeFleet } from '../fleet-stop.ts'
import { cacheRoot } from '../paths.ts'
import { renderReport } from '../cli/print-progress.ts'
import type { Progress, ProgressReport } from '../progress.ts'

/** What the tests use beyond what a fleet does: the Helm worker, simulated nodes, and a browser that can write Chinese. */
const testParts = [...partsFor([{ fakeNodes: 1 }]), 'helm-worker']
const browsers = ['chromium-headless-shell', 'chromium'] as const

/** Brings everything that the tests need to this machine: Debian packages and compiled parts, each only when it is missing. */
export async function prepareRun(onLine: (line: string) => void): Promise<void> {
  const onProgress = (report: ProgressReport): void => onLine(renderReport(report))
  await prepareMachine({ parts: testParts, ports: [] }, { onProgress })
  await prepareBrowser(onProgress)
  if (!existsSync('/usr/lib/postgresql')) await installPackages(['postgresql'], { onProgress })
  await ensureParts(testParts, { onProgress })
}

/** The shell costs the tests half of what the whole browser does; not every distribution has it. */
async function prepareBrowser(onProgress: Progress): Promise<void> {
  if (browsers.some((name) => existsSync(`/usr/bin/${name}`))) return
  const install = (name: string) => installPackages([name, 'fonts-noto-cjk'], { onProgress })
  const [shell, whole] = browsers
  await install(shell).catch(() => install(whole))
}

export interface RunFleet {
  /** What FLOTILLA_TEST_FLEET is to name. */
  readonly file: string
  stop(): Promise<void>
}

/** A fleet for a run of the tests; `name` tells it from others of the same run. */
export async function startRunFleet(
  name: string,
  clusters: readonly ClusterSpec[],
  onLine: (line: string) => void,
): Promise<RunFleet> {
  for (const left of await cleanLeftovers()) onLine(`cleaned what is left of fleet ${left}`)
  const runs = path.join(cacheRoot(), 'test-runs')
  await mkdir(runs, { recursive: true })
  const dir = await mkdtemp(path.join(runs, 'run-'))
  const stop = async () => {
    const record = await readFleetRecord(dir)
    if (record === undefined) await rm(dir, { recursive: true, force: true })
    else await removeFleet(record)
  }
  try {
    await startFleet({
      dir,
      name: `test run: ${name}`,
      clusters,
      owned: true,
      onProgress: (report) => onLine(`${name} ${renderReport(report).trimStart()}`),
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { file: recordFile(dir), stop }
}
