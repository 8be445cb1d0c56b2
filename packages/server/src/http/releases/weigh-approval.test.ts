import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApprovalStep } from '@flotilla/model'
import type { ApprovalSight } from '@flotilla/reconcile'
import type { ApprovalRule } from './approval-rules.ts'
import { countPeople, weighApproval } from './weigh-approval.ts'

const rule = (given: object = {}, place: Partial<ApprovalRule> = {}): ApprovalRule => ({
  rollout: 'v2-1',
  stage: 'canary',
  step: 'go',
  rule: ApprovalStep.parse(given),
  ...place,
})
const word = (rest: Partial<ApprovalSight> = {}): ApprovalSight => ({
  name: 'one',
  approver: 'ann',
  userName: 'ann',
  roles: ['admin'],
  digest: 'd',
  decision: 'Approved',
  at: '2026-11-01T00:00:00Z',
  ...rest,
})
const go = { rollout: 'v2-1', stage: 'canary', step: 'go' }
const by = (...authors: string[]) => ({ digest: 'd', authors })

describe('whether a word about a release counts', () => {
  test('is asked of every step that it may be for: one that takes it is enough', () => {
    assert.equal(weighApproval(word(), { ...by('otto'), rules: [rule()] }), undefined)
    const both = [rule(), rule({ allowAuthor: true }, { step: 'own' })]
    assert.equal(weighApproval(word(), { ...by('ann'), rules: both }), undefined)
    assert.equal(weighApproval(word({ step: go }), { ...by('ann'), rules: both }), 'author')
  })

  test('tells its author, other content, and whom no step asks apart', () => {
    assert.equal(weighApproval(word(), { ...by('ann'), rules: [rule()] }), 'author')
    assert.equal(weighApproval(word({ digest: 'old' }), { ...by(), rules: [rule()] }), 'digest')
    assert.equal(weighApproval(word(), { ...by(), rules: [rule({ roles: ['auditor'] })] }), 'not-asked')
    assert.equal(weighApproval(word({ roles: ['viewer'] }), { ...by(), rules: [rule()] }), 'not-asked')
  })

  test('where no plan asks anybody, keeps only its author from it', () => {
    assert.equal(weighApproval(word(), { ...by('ann'), rules: [] }), 'author')
    assert.equal(weighApproval(word({ roles: [] }), { ...by(), rules: [] }), undefined)
  })

  test('is counted by people, each by their newest word', () => {
    const weighing = { ...by('ann'), rules: [rule()] }
    const bob = { approver: 'bob', userName: 'bob' }
    const words = [
      word(),
      word(bob),
      word({ ...bob, name: 'two' }),
      word({ approver: 'eve', userName: 'eve', roles: [] }),
    ]
    assert.deepEqual(countPeople(words, weighing), { approved: 1, rejected: 0 })
    const back = word({ ...bob, at: '2026-11-02T00:00:00Z', decision: 'Rejected' })
    assert.deepEqual(countPeople([back, ...words], weighing), { approved: 0, rejected: 1 })
  })
})
