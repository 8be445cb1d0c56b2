import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { newApplicationText } from './application-text.ts'
import { emptySource, readForm, sourceFields, sourceTypes } from './form-model.ts'
import { setInText } from './patch-document.ts'

describe('the form of an application', () => {
  test('shows what the text says', () => {
    assert.deepEqual(readForm(newApplicationText()), {
      name: 'my-app',
      components: [
        { name: 'web', type: 'chart', fields: { url: 'oci://registry.example/charts/web', version: '1.0.0' } },
      ],
      placement: { type: 'all' },
      driftPolicy: 'Repair',
      maxConcurrency: 5,
      paused: false,
    })
  })
  test('leaves to the text what it cannot show', () => {
    const form = readForm(
      'spec: {components: [{name: a, helm: {chart: {upload: {digest: x}}}}], placement: {environments: [prod]}}',
    )
    assert.equal(form?.components[0]?.type, 'other')
    assert.deepEqual(form?.placement, { type: 'other' })
  })
  test('does not show what is no document', () => {
    for (const text of ['a: [', '- a', 'word', '']) assert.equal(readForm(text), undefined)
  })
  test('reads back every source that it can make', () => {
    for (const type of sourceTypes) {
      const text = setInText(newApplicationText(), ['spec', 'components', 0], { name: 'x', ...emptySource(type) })
      assert.equal(readForm(text)?.components[0]?.type, type)
    }
  })
  test('changes only the field that it owns', () => {
    const text = newApplicationText().replace('values: {}', 'values: {a: 1} # mine')
    const { at } = sourceFields.chart
    const changed = setInText(text, ['spec', 'components', 0, ...at, 'version'], '2.0.0')
    assert.match(changed, /# mine/)
    const before = parse(text) as { spec: { components: [{ helm: { chart: { oci: object } } }] } }
    before.spec.components[0].helm.chart.oci = { ...before.spec.components[0].helm.chart.oci, version: '2.0.0' }
    assert.deepEqual(parse(changed), before)
  })
})
