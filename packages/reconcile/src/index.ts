export * from './decision.ts'
export { computeHealth } from './health/compute-health.ts'
export { explainByPods, runsPods } from './health/explain-by-pods.ts'
export { computeImages, computeReadiness, type Readiness } from './health/readiness.ts'
