import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Application } from '@flotilla/model'
import { z } from 'zod'
import { completeAt, pathAt } from './complete-at.ts'
import type { JsonSchema } from './json-schema.ts'

const schema = z.toJSONSchema(Application, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema
/** Offers at the mark `|` of a text. */
const offersAt = (marked: string) =>
  completeAt(marked.replace('|', ''), marked.indexOf('|'), schema)?.offers.map(({ label }) => label) ?? []

describe('completion', () => {
  test('offers the fields of the top', () =>
    assert.deepEqual(offersAt('|'), ['apiVersion', 'kind', 'metadata', 'spec', 'status']))
  test('offers the fields of a mapping by its indent', () => {
    assert.ok(offersAt('spec:\n  dr|').includes('driftPolicy'))
    assert.ok(offersAt('metadata:\n  name: a\nspec:\n  placement:\n    |').includes('environments'))
  })
  test('finds its way through lists', () => {
    const list = 'spec:\n  components:\n    - name: web\n      helm:\n        chart:\n'
    assert.ok(offersAt(`${list}          |`).includes('oci'))
    assert.ok(offersAt('spec:\n  components:\n    - |').includes('helm'))
    assert.ok(offersAt('spec:\n  components:\n    - name: web\n      |').includes('kustomize'))
    assert.ok(offersAt('spec:\n  overrides:\n  - name: a\n    clusters:\n      |').includes('selector'))
  })
  test('offers the values of a choice and of a flag', () => {
    assert.deepEqual(offersAt('spec:\n  driftPolicy: |'), ['Repair', 'Report'])
    assert.deepEqual(offersAt('spec:\n  paused: t|'), ['true', 'false'])
  })
  test('offers nothing where anything may stand', () => {
    assert.deepEqual(offersAt('spec:\n  components:\n    - name: web\n      values:\n        |'), [])
  })
  test('tells the path of a line from those above it', () => {
    const above = ['spec:', '  components:', '    - name: web', '      # why', '      helm:', '']
    assert.deepEqual(pathAt(above, 8, false), ['spec', 'components', 0, 'helm'])
    assert.deepEqual(pathAt(above, 6, false), ['spec', 'components', 0])
    assert.deepEqual(pathAt(above, 2, false), ['spec'])
  })
})
