import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlotillaError } from '@flotilla/model'
import { withCoarseTimers } from './coarse-timers.ts'
import { observeKeeper, startKeeper, stopKeeper } from './keeper.ts'
import { binaryOf, type ReadyParts } from './parts.ts'
import { daemonPaths } from './paths.ts'
import { writeFileWhole } from './write-file.ts'

const startSeconds = 20

/** Starts the fleet's registry on the bridge, if it does not run already. */
export async function ensureRegistry(
  fleetDir: string,
  parts: ReadyParts,
  address: string,
  signal?: AbortSignal,
): Promise<void> {
  const paths = daemonPaths(fleetDir, 'registry')
  if ((await observeKeeper(paths.keeperStatus)) === undefined) {
    const configFile = path.join(paths.dir, 'config.json')
    await writeFileWhole(configFile, JSON.stringify(registryConfig(paths.dir, address)))
    await startKeeper(binaryOf(parts, 'keeper'), paths.keeperSpec, {
      hostname: 'registry',
      isolated: false,
      cgroup: '',
      logDir: paths.logs,
      logBytes: 4 << 20,
      statusFile: paths.keeperStatus,
      processes: [
        {
          name: 'registry',
          argv: withCoarseTimers([binaryOf(parts, 'registry'), 'serve', configFile]),
          env: ['OTEL_TRACES_EXPORTER=none', 'OTEL_SDK_DISABLED=true'],
          stopSeconds: 2,
        },
      ],
    })
  }
  for (
    const deadline = Date.now() + startSeconds * 1000;
    Date.now() < deadline;
    await sleep(30, undefined, { signal })
  ) {
    const answer = await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
    if (answer?.status === 200) return
  }
  throw new FlotillaError('local.start_failed', {
    message: `The registry at ${address} does not answer`,
    remedy: `Read ${path.join(paths.logs, 'registry.log')}`,
  })
}

export async function stopRegistry(fleetDir: string): Promise<void> {
  const paths = daemonPaths(fleetDir, 'registry')
  await stopKeeper(paths.keeperStatus)
  await rm(paths.keeperSpec, { force: true })
}

function registryConfig(dir: string, address: string) {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path.join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: address, headers: { 'X-Content-Type-Options': ['nosniff'] } },
  }
}
