import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { annotations } from '@flotilla/model'
import { writerOf, writersOutside } from './writer-of.ts'

const entry = (manager: string, time: string, fields = 'f:spec', subresource?: string) => ({
  manager,
  time,
  fieldsV1: { [fields]: {} },
  ...(subresource === undefined ? {} : { subresource }),
})
const written = (managedFields: ReturnType<typeof entry>[], changedBy?: string) => ({
  metadata: {
    name: 'web',
    managedFields,
    ...(changedBy === undefined ? {} : { annotations: { [annotations.changedBy]: changedBy } }),
  },
})
const ada = 'flotilla:user:ada'

describe('who wrote a spec', () => {
  test('is the person where it came through Flotilla', () => {
    assert.equal(writerOf(written([entry('flotilla-person', '2026-01-02T00:00:00Z')], ada)), ada)
    assert.equal(writerOf(written([entry('flotilla-apply', '2026-01-02T00:00:00Z')], ada)), ada)
    const finalizers = entry('flotilla', '2026-01-03T00:00:00Z', 'f:metadata')
    const status = entry('flotilla', '2026-01-03T00:00:00Z', 'f:status', 'status')
    assert.equal(writerOf(written([entry('flotilla-person', '2026-01-02T00:00:00Z'), finalizers, status], ada)), ada)
  })

  test('is not the person of an earlier change when somebody else came with kubectl', () => {
    const fields = [entry('flotilla-person', '2026-01-02T00:00:00Z'), entry('kubectl-edit', '2026-01-03T00:00:00Z')]
    assert.equal(writerOf(written(fields, ada)), 'outside Flotilla (field manager kubectl-edit)')
  })

  test('is nobody who paused it or lifted a hold', () => {
    const paused = { ...entry('operation', '2026-01-03T00:00:00Z'), fieldsV1: { 'f:spec': { 'f:paused': {} } } }
    assert.equal(writerOf(written([entry('flotilla-person', '2026-01-02T00:00:00Z'), paused], ada)), ada)
  })

  test('past Flotilla is told since a moment', () => {
    const fields = [entry('kubectl-edit', '2026-01-02T00:00:00Z'), entry('flotilla-person', '2026-01-03T00:00:00Z')]
    assert.deepEqual(writersOutside(written(fields), undefined), ['kubectl-edit'])
    assert.deepEqual(writersOutside(written(fields), '2026-01-01T00:00:00Z'), ['kubectl-edit'])
    assert.deepEqual(writersOutside(written(fields), '2026-01-02T12:00:00Z'), [])
  })

  test('is never the name of a manager passed off as a person', () => {
    assert.equal(writerOf(written([entry('alice', '2026-01-02T00:00:00Z')])), 'outside Flotilla (field manager alice)')
    assert.equal(writerOf(written([entry('flotilla-person', '2026-01-02T00:00:00Z')])), 'a person through Flotilla')
  })
})
