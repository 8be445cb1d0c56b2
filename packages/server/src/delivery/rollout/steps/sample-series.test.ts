import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnalysisStep } from '@flotilla/model'
import * as fc from 'fast-check'
import { addSample, emptySeries, judgeSeries, readEvidence, writeEvidence } from './sample-series.ts'

const step = (more: object) => AnalysisStep.parse({ http: { url: 'https://a.test' }, ...more })

test('a series that goes on from its record ends as one that was never left', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (goods, cut) => {
      const analysis = step({ samples: 40, allowedFailures: 5 })
      let whole = emptySeries
      let resumed = emptySeries
      for (const [index, good] of goods.entries()) {
        const at = new Date(1_000_000 + index * 1000).toISOString()
        if (index === cut) resumed = readEvidence(writeEvidence(resumed, analysis))
        whole = addSample(whole, { good, text: `sample ${index}` }, at)
        resumed = addSample(resumed, { good, text: `sample ${index}` }, at)
        assert.deepEqual(judgeSeries(resumed, analysis), judgeSeries(whole, analysis))
      }
      const evidence = writeEvidence(whole, analysis)
      assert.ok(evidence.length <= 20 && evidence.every((line) => line.length <= 256))
    }),
  )
})

test('it fails as soon as more failed than may, and succeeds only when all are made', () => {
  const at = '2026-01-01T12:00:03.000Z'
  const good = { good: true, text: '0.2 <= 1 ok' }
  const bad = { good: false, text: '2 <= 1 not ok' }
  const series = (...samples: { good: boolean; text: string }[]) =>
    samples.reduce((all, sample) => addSample(all, sample, at), emptySeries)
  const verdict = (samples: ReturnType<typeof series>) => {
    const judged = judgeSeries(samples, step({ samples: 3, allowedFailures: 1 }))
    return judged.over ? judged.sight.state : 'running'
  }
  assert.equal(verdict(series(good, good)), 'running')
  assert.equal(verdict(series(good, bad, good)), 'succeeded')
  assert.equal(verdict(series(bad, bad)), 'failed')
  assert.deepEqual(writeEvidence(series(good), step({ samples: 3 })), [
    `1 of 3 measured, 0 not ok, last ${at}`,
    '12:00:03 0.2 <= 1 ok',
  ])
  assert.deepEqual(readEvidence(['something else']), emptySeries)
})
