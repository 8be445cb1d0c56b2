import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MoveRow } from '@flotilla/api'
import { computePath } from './move-path.ts'

const at = (second: number): string => `2026-01-01T00:00:0${second}Z`
const move = (ended: boolean, ...phases: MoveRow['phase'][]): Parameters<typeof computePath>[0] => ({
  phase: phases.at(-1) ?? 'Pending',
  ended,
  steps: phases.map((phase, index) => ({ phase, at: at(index) })),
})
const told = (...given: Parameters<typeof move>) =>
  computePath(move(...given)).map(({ phase, state }) => [phase, state])

describe('the path of a move', () => {
  test('has what was gone through with its times, what it is at, and what is to come', () => {
    assert.deepEqual(told(false, 'Preparing', 'SuspendingSource', 'Draining'), [
      ['Preparing', 'past'],
      ['SuspendingSource', 'past'],
      ['Draining', 'now'],
      ['StartingTarget', 'coming'],
      ['AwaitingTraffic', 'coming'],
      ['RemovingSource', 'coming'],
      ['Succeeded', 'coming'],
    ])
    const [first] = computePath(move(false, 'Preparing', 'SuspendingSource'))
    assert.equal(first?.at, at(0))
    assert.equal(first?.until, at(1))
  })

  test('turns where somebody undid it, and says what the way back still has', () => {
    assert.deepEqual(told(false, 'Preparing', 'SuspendingSource', 'UndoStartingSource'), [
      ['Preparing', 'past'],
      ['SuspendingSource', 'past'],
      ['UndoStartingSource', 'now'],
      ['UndoRemovingTarget', 'coming'],
      ['Undone', 'coming'],
    ])
  })

  test('has nothing to come after its end', () => {
    assert.deepEqual(told(true, 'Refused'), [['Refused', 'end']])
    assert.deepEqual(told(true, 'Preparing', 'Aborted'), [
      ['Preparing', 'past'],
      ['Aborted', 'end'],
    ])
  })

  test('begins before its first look', () => {
    const path = computePath({ phase: 'Pending', ended: false, steps: [] })
    assert.equal(path[0]?.phase, 'Pending')
    assert.equal(path[0]?.at, undefined)
    assert.equal(path.length, 8)
  })
})
