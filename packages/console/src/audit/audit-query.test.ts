import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFiltered, readAuditSearch } from './audit-query.ts'

test('the address says what is looked for; what means nothing is left out', () => {
  const read = (text: string, clusters?: readonly string[]) => readAuditSearch(new URLSearchParams(text), clusters)
  assert.deepEqual(read('person=ana&result=denied&result=odd&source=api&span=24h&project=shop'), {
    span: '24h',
    filter: { person: 'ana', result: ['denied'], source: ['api'], project: ['shop'] },
  })
  assert.deepEqual(read('span=toString&result=x&record=5'), { span: undefined, filter: {} })
  assert.equal(isFiltered(read('record=5')), false)
  assert.equal(isFiltered(read('', ['east'])), true)
})
