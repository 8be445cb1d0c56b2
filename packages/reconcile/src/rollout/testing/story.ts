import type { RolloutStatus } from '@flotilla/model'
import assert from 'node:assert/strict'
import { RolloutWorld } from './rollout-world.ts'
import { planSpec } from './scene.ts'

const template = { spec: { containers: [] } }
export const job = { template }
export const migration = { name: 'migrate', job: { template, migration: {} } }
export const smoke = { name: 'smoke', test: { job } }
export type Stages = Parameters<typeof planSpec>[0]['stages']

/** A run over clusters `a`, `b` ... that has been going on for as many rounds of five seconds. */
export function begin(clusters: string, stages: Stages, rounds = 0, plan: object = {}): RolloutWorld {
  const world = new RolloutWorld(clusters.split(''))
  world.start('run', planSpec({ stages, ...plan }))
  if (rounds > 0) world.settle(rounds)
  return world
}

/** One stage over everything. */
export const all = (rest: object = {}): Stages => [{ name: 'all', ...rest }] as Stages
export const at = (cluster: string) => ({ cluster, namespace: 'shop' })
export const statusOf = (world: RolloutWorld, name = 'run'): RolloutStatus => world.get(name).status ?? {}
export const end = (world: RolloutWorld, name = 'run') => [statusOf(world, name).phase, statusOf(world, name).reason]
export const phases = (world: RolloutWorld, name = 'run'): string =>
  (statusOf(world, name).targets ?? []).map(({ cluster, phase }) => `${cluster}:${phase}`).join(' ')
export const stagePhases = (world: RolloutWorld): string =>
  (statusOf(world).stages ?? []).map(({ name, phase }) => `${name}:${phase}`).join(' ')
/** What really ran, without the uid of the first run. */
export const runs = (world: RolloutWorld): string[] => world.steps.begun.map((key) => key.replace('run-uid/', ''))
/** What is wanted in each cluster. */
export const digests = (world: RolloutWorld): string =>
  world.clusters.map((cluster) => world.deliveries.get(`${cluster}/shop`)?.spec.desired?.digest ?? '-').join(' ')

export function holds(world: RolloutWorld): void {
  assert.deepEqual(world.violations, [])
  assert.deepEqual(world.steps.violations, [])
}
