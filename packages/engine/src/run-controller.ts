import { type Clock, systemClock } from '@flotilla/kube'
import { asFlotillaError } from '@flotilla/model'
import type { Controller, RunningController } from './controller.ts'
import type { Log } from './log.ts'
import { createQueue, type QueueLimits, type WorkOutcome } from './queue.ts'

export interface RunOptions {
  readonly signal: AbortSignal
  readonly log: Log
  readonly clock?: Clock
  readonly limits?: Partial<QueueLimits>
  /** Until it resolves nothing is worked on, and what is enqueued waits. */
  readonly begin?: Promise<unknown> | undefined
}

/** From this many failures in a row on, a failure is a warning in the log; before, it is a detail. */
const failuresToWarn = 3

/** Starts a controller: from now on every enqueued key is worked on until `stop`, or until the signal aborts. */
export function runController(controller: Controller, options: RunOptions): RunningController {
  const log = options.log.with({ controller: controller.name })
  const queue = createQueue({
    work: (key, signal) => controller.work(key, signal),
    concurrency: controller.concurrency,
    clock: options.clock ?? systemClock,
    signal: options.signal,
    limits: options.limits,
    begin: options.begin,
    onEnd: (key, outcome) => report(log, key, outcome),
  })
  return { name: controller.name, enqueue: queue.enqueue, stats: queue.stats, stop: queue.stop }
}

function report(log: Log, key: string, { next, ms, failures, thrown }: WorkOutcome): void {
  switch (next.next) {
    case 'settled':
      return log.debug('worked', { key, next: next.next, ms })
    case 'waiting':
      return log.debug('worked', { key, next: next.next, seconds: next.seconds, reason: next.reason, ms })
    case 'stalled':
      return log.debug('stalled', { key, reason: next.reason, ms })
    case 'retry': {
      const code = thrown === undefined ? undefined : asFlotillaError(thrown).code
      const fields = { key, reason: next.reason, code, failures, ms }
      // a defect of ours is worth its stack at once
      if (code === 'internal' && thrown instanceof Error)
        return log.error('work failed', { ...fields, stack: thrown.stack })
      return failures < failuresToWarn ? log.debug('work failed', fields) : log.warn('work failed', fields)
    }
    default:
      next satisfies never
  }
}
