import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Application } from '@flotilla/model'
import { z } from 'zod'
import { newApplicationText } from './application-text.ts'
import type { JsonSchema } from './json-schema.ts'
import { lintDocument } from './lint-document.ts'

const schema = z.toJSONSchema(Application, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema
const good = newApplicationText()
const faults = (text: string) => lintDocument(text, schema).map(({ fault, line }) => Object.assign({}, fault, { line }))

describe('the text of an application', () => {
  test('has nothing wrong as it is offered', () => assert.deepEqual(faults(good), []))
  test('tells a field that does not exist, where it stands', () => {
    assert.deepEqual(faults(good.replace('  placement: {}', '  placment: {}')), [
      { rule: 'unknown', field: 'placment', line: 15 },
    ])
  })
  test('tells what is missing', () => {
    assert.deepEqual(faults(good.replace('            version: 1.0.0\n', '')), [
      { rule: 'missing', field: 'version', line: 11 },
    ])
  })
  test('tells a wrong type, a wrong choice and a wrong form', () => {
    assert.deepEqual(faults(`${good}  paused: perhaps\n`), [{ rule: 'type', expected: 'boolean', line: 16 }])
    assert.equal(faults(`${good}  driftPolicy: repair\n`)[0]?.rule, 'choice')
    assert.equal(faults(good.replace('- name: web', '- name: Web_1'))[0]?.rule, 'pattern')
    assert.deepEqual(faults(`${good}  maxConcurrency: 0\n`), [{ rule: 'least', bound: 1, line: 16 }])
  })
  test('takes any values of a chart', () => {
    assert.deepEqual(faults(good.replace('values: {}', 'values: { deep: { list: [1, a] } }')), [])
  })
  test('tells YAML that cannot be read before anything else', () => {
    assert.deepEqual(
      faults('a: [1').map(({ rule }) => rule),
      ['yaml'],
    )
    assert.equal(faults('a: 1\na: 2\n')[0]?.rule, 'yaml')
  })
})
