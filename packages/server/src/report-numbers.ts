import type { Log, RunningController } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import type { FleetConnections } from './fleet/connections.ts'

const everyMs = 10 * 60_000
const firstMs = 60_000

export interface NumbersOptions {
  readonly controllers: readonly RunningController[]
  readonly fleet: Pick<FleetConnections, 'list'>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Logs now and then how the server is doing. Resolves when the signal aborts. */
export async function reportNumbers({ controllers, fleet, clock, log, signal }: NumbersOptions): Promise<void> {
  let wait = firstMs
  for (;;) {
    try {
      await clock.sleep(wait, signal)
    } catch {
      return
    }
    wait = everyMs
    const { rss, heapUsed } = process.memoryUsage()
    const clusters = fleet.list()
    log.info('running', {
      rssMb: Math.round(rss / 1e6),
      heapMb: Math.round(heapUsed / 1e6),
      clusters: clusters.length,
      connected: clusters.filter(({ connection }) => connection.state === 'connected').length,
    })
    for (const controller of controllers) {
      const { depth, active, delayed, worked, failed, workMs, longestMs } = controller.stats()
      log.debug('controller', {
        controller: controller.name,
        depth,
        active,
        delayed,
        worked,
        failed,
        workMs: Math.round(workMs),
        longestMs: Math.round(longestMs),
      })
    }
  }
}
