export { contentHash } from './content-hash.ts'
export type { Controller, Next, RunningController } from './controller.ts'
export {
  AppliedMemory,
  executeObjects,
  type ExecuteObjectsOptions,
  type ExecuteOutcome,
  type LiveVersion,
  liveVersionOf,
} from './execute-objects.ts'
export { armFailpoints, failpoint, listenToFailpoints } from './failpoint.ts'
export { acquireLease, type HeldLease, type LeaseLimits, type LeaseOptions } from './lease.ts'
export { createJsonLog, silentLog, type JsonLogOptions, type Log, type LogFields, type LogLevel } from './log.ts'
export {
  createQueue,
  defaultLimits,
  type Queue,
  type QueueLimits,
  type QueueOptions,
  type QueueStats,
} from './queue.ts'
export { runController, type RunOptions } from './run-controller.ts'
export { writeStatus, type WithStatus } from './write-status.ts'
export { pruneObjects, type PrunableObject, type PruneOutcome } from './prune-objects.ts'
