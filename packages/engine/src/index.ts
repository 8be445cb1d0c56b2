export type { Controller, Next, RunningController } from './controller.ts'
export { failpoint } from './failpoint.ts'
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
