import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Approval, apiVersion, type Rollout, Step, userIdentity } from '@flotilla/model'
import { type ApprovalParts, approvalView } from './approval-view.ts'

const [ann, otto] = [userIdentity('ann'), userIdentity('otto')]
const users = ['ann', 'otto'].map((name) => ({ metadata: { name, uid: name } }))

const approval = (approver: string, rest: Partial<Approval['spec']> = {}): Approval => ({
  apiVersion,
  kind: 'Approval',
  metadata: { name: 'one' },
  spec: { release: 'v2', digest: 'd', decision: 'Approved', approver, ...rest },
})

const parts = (...approvals: Approval[]): ApprovalParts => ({
  state: { users: { list: () => users } } as unknown as ApprovalParts['state'],
  rollout: { metadata: { name: 'v2-1' }, status: { snapshot: { release: 'd' } } } as unknown as Rollout,
  approvals,
  authors: [ann],
  stage: 'canary',
})
const step = (rule: object = {}) => Step.parse({ name: 'go', approval: rule })
const given = (...approvals: Approval[]): string[] =>
  approvalView(parts(...approvals), step()).given.map(({ name }) => name)

describe('what is shown of an approval step', () => {
  test('counts each person once, and only for this content and this step', () => {
    assert.deepEqual(given(approval(otto), approval(otto)), ['otto'])
    const named = { rollout: 'v2-1', stage: 'canary', step: 'go' }
    assert.deepEqual(given(approval(otto, { step: named })), ['otto'])
    for (const other of [
      { digest: 'other' },
      { decision: 'Rejected' as const },
      { step: { ...named, stage: 'rest' } },
      { step: { ...named, rollout: 'v2-2' } },
      { step: { ...named, step: 'other' } },
    ])
      assert.deepEqual(given(approval(otto, other)), [], JSON.stringify(other))
  })

  test("leaves out the author's own, unless the step allows it", () => {
    assert.deepEqual(given(approval(ann)), [])
    assert.equal(approvalView(parts(), step()).who, 'admin, operator')
    const allowed = approvalView(parts(approval(ann)), step({ allowAuthor: true, users: ['ann'] }))
    assert.deepEqual(allowed, { count: 1, given: [{ name: 'ann', id: ann }], who: 'ann' })
  })
})
