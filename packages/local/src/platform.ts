import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'
import { giveToCaller } from './as-root.ts'
import { waitUntil } from './cluster-start.ts'
import { ensureConsole } from './console-build.ts'
import type { Fleet } from './fleet.ts'
import { readBuiltFrom } from './kept-build.ts'
import { observeKeeper, startKeeper, stopKeeper, type KeptProcess } from './keeper.ts'
import { ensurePart } from './parts.ts'
import { daemonPaths } from './paths.ts'
import type { Progress } from './progress.ts'
import { findJsonFile } from './read-json.ts'
import { ensureProgram } from './program-build.ts'
import { flotillaCommand, runFlotilla } from './run-flotilla.ts'

export const defaultPort = 7480

export interface StartPlatformOptions {
  readonly fleet: Fleet
  readonly port: number
  readonly onProgress: Progress
  readonly signal?: AbortSignal | undefined
}

export interface Platform {
  readonly url: string
  readonly username: string
  /** The first password; it may have been changed since. */
  readonly password: string
  /** What `flotilla` is, for Node. */
  readonly program: string
}

const startSeconds = 90

/** The files of the server below the fleet's folder. */
export const platformPaths = (dir: string) => {
  const paths = daemonPaths(dir, 'server')
  return { ...paths, data: path.join(paths.dir, 'data'), password: path.join(paths.dir, 'admin-password') }
}

/** Starts Flotilla's server on the fleet's hub, or finds it running with the same settings. */
export async function startPlatform(options: StartPlatformOptions): Promise<Platform> {
  const { fleet, port, onProgress, signal } = options
  const paths = platformPaths(fleet.dir)
  const url = `http://127.0.0.1:${port}`
  const helmWorker = await ensurePart('helm-worker', { onProgress, signal })
  await ensureConsole({ onProgress, signal })
  const program = await ensureProgram({ onProgress, signal })
  const process = serverProcess(options, { program, helmWorker, builtFrom: await readBuiltFrom(path.dirname(program)) })
  // whoever compiles keeps some 30 MB for it: the first time that is another process, and not the server for good
  if (!existsSync(paths.data)) await runFlotilla(['serve', '--help'], { program, config: '', signal })
  if (!(await runsAlready(paths, process))) {
    await stopKeeper(paths.keeperStatus)
    onProgress({ step: 'server', text: 'starting' })
    await startKeeper(await ensurePart('keeper'), paths.keeperSpec, {
      hostname: 'server',
      isolated: false,
      cgroup: '',
      logDir: paths.logs,
      logBytes: 16 << 20,
      statusFile: paths.keeperStatus,
      processes: [process],
    })
  }
  const answers = async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })).ok
  await waitUntil(startSeconds, signal, answers, () => notReady(paths.logs))
  onProgress({ step: 'server', text: 'ready' })
  await giveToCaller(paths.password)
  return { url, username: 'admin', password: (await readFile(paths.password, 'utf8')).trim(), program }
}

/** Stops the server; its data stays. */
export const stopPlatform = (dir: string): Promise<void> => stopKeeper(platformPaths(dir).keeperStatus)

interface ServerParts {
  readonly program: string
  readonly helmWorker: string
  readonly builtFrom: string
}

function serverProcess(
  { fleet, port }: StartPlatformOptions,
  { program, helmWorker, builtFrom }: ServerParts,
): KeptProcess {
  const paths = platformPaths(fleet.dir)
  const hub = fleet.clusters['hub'] ?? Object.values(fleet.clusters)[0]
  const host = fleet.registry.address.split(':')[0] ?? ''
  const settings: Record<string, string> = {
    kubeconfig: hub?.kubeconfigPath ?? '',
    data: paths.data,
    'helm-worker': helmWorker,
    'admin-password-file': paths.password,
    // the fleet's own network: clusters and registry are there
    'allow-cidr': `${host.split('.').slice(0, 2).join('.')}.0.0/16`,
    'insecure-host': fleet.registry.address,
  }
  return {
    name: 'server',
    argv: [
      ...flotillaCommand(program),
      'serve',
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      // the second for agents in clusters of the fleet, and no other machine; where people are told of is the first
      ...['127.0.0.1', host].flatMap((address) => ['--listen', `${address}:${port}`]),
    ],
    // as bin/flotilla sets it; and one that was built from other sources is another program, which is started anew
    env: ['MALLOC_MMAP_THRESHOLD_=131072', `FLOTILLA_BUILT_FROM=${builtFrom}`],
    stopSeconds: 16,
  }
}

const ServerSpec = z.object({
  processes: z.tuple([z.looseObject({ argv: z.array(z.string()), env: z.array(z.string()) })]),
})

async function runsAlready(paths: ReturnType<typeof platformPaths>, wanted: KeptProcess): Promise<boolean> {
  if ((await observeKeeper(paths.keeperStatus)) === undefined) return false
  const spec = await findJsonFile(paths.keeperSpec, ServerSpec)
  const { argv, env } = spec?.processes[0] ?? {}
  return isDeepStrictEqual({ argv, env }, { argv: wanted.argv, env: wanted.env })
}

/** Where the server of a fleet listens, while it runs. */
export async function findServerUrl(dir: string): Promise<string | undefined> {
  const paths = platformPaths(dir)
  if ((await observeKeeper(paths.keeperStatus)) === undefined) return undefined
  const argv = (await findJsonFile(paths.keeperSpec, ServerSpec))?.processes[0].argv ?? []
  return `http://${argv[argv.indexOf('--listen') + 1] ?? ''}`
}

const notReady = (logs: string): FlotillaError =>
  new FlotillaError('local.start_failed', {
    message: 'The server did not become ready in time',
    remedy: `Read ${path.join(logs, 'server.log')}`,
  })
