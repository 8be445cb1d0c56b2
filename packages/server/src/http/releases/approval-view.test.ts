import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Rollout, Step, userIdentity } from '@flotilla/model'
import type { ApprovalSight } from '@flotilla/reconcile'
import { type ApprovalParts, approvalView } from './approval-view.ts'

const [ann, otto] = [userIdentity('ann'), userIdentity('otto')]
const now = '2026-11-01T00:00:00Z'

const sight = (approver: string, rest: Partial<ApprovalSight> = {}): ApprovalSight => ({
  name: 'one',
  approver,
  userName: approver === ann ? 'ann' : 'otto',
  roles: ['operator'],
  digest: 'd',
  decision: 'Approved',
  at: now,
  ...rest,
})

const parts = (...sights: ApprovalSight[]): ApprovalParts => ({
  rollout: { metadata: { name: 'v2-1' }, status: { snapshot: { release: 'd' } } } as unknown as Rollout,
  sights,
  authors: [ann],
  stage: 'canary',
  target: undefined,
  now,
})
const step = (rule: object = {}) => Step.parse({ name: 'go', approval: rule })
const given = (...sights: ApprovalSight[]): string[] =>
  (approvalView(parts(...sights), step())?.given ?? []).map(({ name }) => name)

describe('what is shown of an approval step', () => {
  test('counts each person once, and only for this content and this step', () => {
    assert.deepEqual(given(sight(otto), sight(otto)), ['otto'])
    const named = { rollout: 'v2-1', stage: 'canary', step: 'go' }
    assert.deepEqual(given(sight(otto, { step: named })), ['otto'])
    for (const other of [
      { digest: 'other' },
      { decision: 'Rejected' as const },
      { step: { ...named, stage: 'rest' } },
      { step: { ...named, rollout: 'v2-2' } },
      { step: { ...named, step: 'other' } },
    ])
      assert.deepEqual(given(sight(otto, other)), [], JSON.stringify(other))
  })

  test('leaves out whom the step does not ask, what has expired, and what was taken back', () => {
    assert.deepEqual(given(sight(otto, { roles: ['viewer'] })), [])
    assert.deepEqual(given(sight(otto, { at: '2026-10-01T00:00:00Z' })), [])
    assert.deepEqual(given(sight(otto), sight(otto, { name: 'two', decision: 'Rejected' })), [])
    const asked = approvalView(parts(sight(otto)), step({ roles: ['auditor'] }))
    assert.deepEqual(asked, { count: 1, given: [], who: 'auditor' })
  })

  test("leaves out the author's own, unless the step allows it", () => {
    assert.deepEqual(given(sight(ann)), [])
    assert.equal(approvalView(parts(), step())?.who, 'admin, operator')
    const allowed = approvalView(parts(sight(ann)), step({ allowAuthor: true, users: ['ann'] }))
    assert.deepEqual(allowed, { count: 1, given: [{ name: 'ann', id: ann }], who: 'ann' })
  })
})
