import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Delivery, Rollout, RolloutDocument } from '@flotilla/model'
import { planHooks } from '@flotilla/reconcile'
import type { StepLog } from '../../store/step-logs.ts'
import { readHookLog } from './read-hook-log.ts'

const rollout = { metadata: { name: 'web-1', namespace: 'pj-shop', uid: 'run' } } as unknown as Rollout
const target = { cluster: 'east', namespace: 'shop' }
const digest = (number: number): string => `hmac-sha256:${'0'.repeat(40)}${number}`
const wants = (number: number) => ({ digest: 'all', components: [{ name: 'web', digest: digest(number) }] })
const document = {
  targets: [{ ...target, delivery: 'web.east', stage: 'all', want: wants(2), before: wants(1) }],
} as unknown as RolloutDocument

/** As the engine of Deliveries names it. */
const idOf = (name: string, number: number): string => {
  const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name } }
  const hook = { name, object, events: ['pre-upgrade'], weight: 0, deletePolicies: [] }
  const set = { component: 'web', crds: [], objects: [], hooks: [hook], notes: '' }
  return planHooks([{ set, digest: digest(number), event: 'pre-upgrade' }])[0]?.id ?? ''
}
const kept = [
  [`${idOf('migrate', 2)}/ffff`, 2, 'what failed first'],
  [`${idOf('migrate', 2)}/aaaa`, 3, 'what went well'],
  [`${idOf('seed', 2)}/bbbb`, 4, 'another hook'],
  [`${idOf('migrate', 1)}/cccc`, 5, 'of another release'],
] as const
const logs = kept.map(([step, day, text]): StepLog => ({
  projectUid: 'p',
  rolloutUid: 'delivery',
  step,
  attempt: 1,
  text,
  at: `2026-01-0${day}T00:00:00Z`,
}))

const read = async (hook: string, attempt?: number, at = target) => {
  const found = await readHookLog(
    {
      list: async (uid) =>
        logs.filter(({ rolloutUid }) => rolloutUid === uid).map((one) => ({ ...one, bytes: one.text.length })),
      get: async (_uid, step) => logs.find((one) => one.step === step),
    },
    { get: (_namespace, name) => (name === 'web.east' ? ({ metadata: { uid: 'delivery' } } as Delivery) : undefined) },
    { rollout, document, target: at, hook, attempt },
  )
  return found && [found.text, found.attempt]
}

test('what a hook printed is found with the rollout that brought it, each of its runs', async () => {
  assert.deepEqual(await read('migrate'), ['what went well', 2])
  assert.deepEqual(await read('migrate', 1), ['what failed first', 1])
  assert.equal(await read('migrate', 3), undefined)
  assert.deepEqual(await read('seed'), ['another hook', 1])
  for (const hook of ['web', 'Job', 'pre-upgrade', 'aaaa', 'none']) assert.equal(await read(hook), undefined)
  assert.equal(await read('migrate', undefined, { cluster: 'west', namespace: 'shop' }), undefined)
})
