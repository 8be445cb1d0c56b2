import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memberKinds, reviewQuestions, reviewRows, reviewVerbs } from './review-questions.ts'

describe('the matrix of what somebody may do', () => {
  test('puts each answer where its question stands', () => {
    const questions = reviewQuestions(memberKinds)
    const rows = reviewRows(
      memberKinds,
      questions.map(({ verb, resource }) => verb === 'get' || resource === 'pods/exec'),
    )
    for (const { kind, cells } of rows)
      for (const [index, verb] of reviewVerbs.entries()) {
        const asked = questions.some(
          (one) => one.verb === verb && one.resource === kind.resource && one.group === kind.group,
        )
        const expected = asked ? verb === 'get' || kind.resource === 'pods/exec' : undefined
        assert.equal(cells[index], expected, `${verb} ${kind.resource}`)
      }
  })
})
