import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'
import { startTimeOf } from './process-identity.ts'
import { findJsonFile } from './read-json.ts'
import { writeFileWhole } from './write-file.ts'

/** What native/keeper reads; the fields' meaning is told there. */
export interface KeeperSpec {
  readonly hostname: string
  readonly isolated: boolean
  readonly cgroup: string
  readonly network?: { bridge: string; veth: string; address: string; gateway: string }
  readonly tmpfs?: readonly string[]
  readonly binds?: readonly { from: string; to: string }[]
  readonly resolvConf?: string
  readonly sysctls?: Readonly<Record<string, string>>
  readonly logDir: string
  readonly logBytes: number
  readonly statusFile: string
  readonly processes: readonly KeptProcess[]
}

export interface KeptProcess {
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: readonly string[]
  readonly stopSeconds?: number
}

const KeeperStatus = z.object({
  pid: z.number().int(),
  startTime: z.string(),
  /** The first process of the cluster's namespaces, as the host numbers it. */
  insidePid: z.number().int(),
})
export type KeeperStatus = z.infer<typeof KeeperStatus>

const startSeconds = 15
const stopSeconds = 25

/** The keeper that this status file names, if that very process still lives. */
export async function observeKeeper(statusFile: string): Promise<KeeperStatus | undefined> {
  const status = await findJsonFile(statusFile, KeeperStatus)
  return status !== undefined && (await startTimeOf(status.pid)) === status.startTime ? status : undefined
}

/** Starts a keeper that outlives this process. Throws with the keeper's own words when it does not come up. */
export async function startKeeper(binary: string, specFile: string, spec: KeeperSpec): Promise<KeeperStatus> {
  await mkdir(spec.logDir, { recursive: true })
  await writeFileWhole(specFile, JSON.stringify(spec, null, 1), 0o600)
  await rm(spec.statusFile, { force: true })
  const logPath = path.join(spec.logDir, 'keeper.log')
  const log = await open(logPath, 'w')
  let ended = false
  try {
    const child = spawn(binary, ['run', specFile], { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/' })
    child.on('exit', () => (ended = true))
    child.on('error', () => (ended = true))
    child.unref()
  } finally {
    await log.close()
  }
  for (const deadline = Date.now() + startSeconds * 1000; Date.now() < deadline; await sleep(20)) {
    if (ended) break
    const status = await observeKeeper(spec.statusFile)
    if (status !== undefined) return status
  }
  throw new FlotillaError('local.start_failed', {
    message: `The keeper of ${spec.hostname} did not start: ${(await readFile(logPath, 'utf8')).trim().slice(-800)}`,
    remedy: 'Run `flotilla local clean`, then `flotilla local up` again.',
  })
}

/** Ends a keeper and with it all that it holds. Already gone is fine. */
export async function stopKeeper(statusFile: string): Promise<void> {
  const status = await observeKeeper(statusFile)
  if (status === undefined) return
  signalProcess(status.pid, 'SIGTERM')
  const deadline = Date.now() + stopSeconds * 1000
  while ((await startTimeOf(status.pid)) === status.startTime) {
    if (Date.now() > deadline) signalProcess(status.pid, 'SIGKILL')
    await sleep(50)
  }
  await rm(statusFile, { force: true })
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it ended between the look and the signal
  }
}
