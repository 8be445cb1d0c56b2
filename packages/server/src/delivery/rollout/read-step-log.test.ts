import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rollout, StepRef } from '@flotilla/model'
import type { StepLog } from '../../store/step-logs.ts'
import { readStepLog } from './read-step-log.ts'

const at = '2026-01-01T00:00:00Z'
const rollout = { metadata: { name: 'web-1', uid: 'run' } } as unknown as Rollout
const target = { cluster: 'east', namespace: 'shop' }
const kept = [
  ['all/east/shop/before/migrate', 0, 'what failed first'],
  ['all/east/shop/before/migrate', 1, 'what went well'],
  ['all/east/shop/after/shop', 0, 'of the step shop'],
  ['all/-/-/before/migrate', 0, 'of the stage'],
] as const
const logs = kept.map(([key, attempt, text]): StepLog => ({
  projectUid: 'p',
  rolloutUid: 'run',
  step: `run/${key}/${attempt}`,
  attempt,
  text,
  at,
}))

const read = async (ref: Partial<StepRef> & { step: string }, attempt?: number) => {
  const found = await readStepLog(
    {
      list: async () => logs.map((one) => ({ ...one, bytes: one.text.length })),
      get: async (_uid, step, number) => logs.find((one) => one.step === step && one.attempt === number),
    },
    { rollout, document: undefined, ref: { stage: 'all', ...ref }, attempt },
  )
  return found && [found.text, found.attempt]
}

test('attempts of a step are read as people count them, from one', async () => {
  assert.deepEqual(await read({ step: 'migrate', target }), ['what went well', 2])
  assert.deepEqual(await read({ step: 'migrate', target }, 1), ['what failed first', 1])
  assert.deepEqual(await read({ step: 'migrate', target }, 2), ['what went well', 2])
  assert.equal(await read({ step: 'migrate', target }, 3), undefined)
})

test('a step that is named as its namespace, cluster or list has its own log, and a stage has its own', async () => {
  assert.deepEqual(await read({ step: 'shop', target }), ['of the step shop', 1])
  for (const step of ['east', 'before', 'all', 'run', '0', '1']) assert.equal(await read({ step, target }), undefined)
  assert.deepEqual(await read({ step: 'migrate' }), ['of the stage', 1])
})
