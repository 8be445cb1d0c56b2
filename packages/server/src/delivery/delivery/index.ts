export type { DeliveryCounts } from './counters.ts'
export { createDeliveryController, type DeliveryController } from './delivery-controller.ts'
export type { DeliveryControllerDeps } from './deps.ts'
