import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgePrometheus, prometheusAddress } from './query-prometheus.ts'

const success = (resultType: string, result: unknown) =>
  JSON.stringify({ status: 'success', data: { resultType, result } })
const vector = (...values: string[]) =>
  success(
    'vector',
    values.map((value) => ({ metric: {}, value: [1, value] })),
  )

test('an answer is good when every number in it is within the bounds, and never without a number', () => {
  const cases: [string, number, string, { min?: number; max?: number }, boolean, RegExp][] = [
    ['a vector', 200, vector('0.2'), { max: 1 }, true, /^0\.2 <= 1 ok$/],
    ['at the bound', 200, vector('1'), { max: 1 }, true, /ok$/],
    ['above', 200, vector('1.5'), { max: 1 }, false, /^1\.5 <= 1 not ok$/],
    ['below', 200, vector('0.9'), { min: 0.99 }, false, /^0\.9 >= 0\.99 not ok$/],
    ['between', 200, vector('5'), { min: 1, max: 9 }, true, /^5 within 1 and 9 ok$/],
    ['several, one of them bad', 200, vector('0.1', '7', '0.2'), { max: 1 }, false, /^7 <= 1 \(of 3 series\) not ok$/],
    ['a scalar', 200, success('scalar', [1, '3']), { max: 5 }, true, /^3 <= 5 ok$/],
    ['nothing', 200, vector(), { max: 1 }, false, /gives nothing/],
    ['no number', 200, vector('NaN'), { max: 1 }, false, /^NaN <= 1 not ok$/],
    ['infinite', 200, vector('+Inf'), { max: 1 }, false, /^Infinity/],
    ['less than all', 200, vector('-Inf'), { max: 1 }, true, /ok$/],
    ['an empty text for a number', 200, vector(''), { min: 0 }, false, /NaN/],
    ['a matrix', 200, success('matrix', []), { max: 1 }, false, /matrix/],
    [
      'an error',
      400,
      JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }),
      { max: 1 },
      false,
      /parse error/,
    ],
    ['refused', 401, 'Unauthorized', { max: 1 }, false, /401/],
    ['something else', 200, '<html>', { max: 1 }, false, /no Prometheus/],
  ]
  for (const [what, status, body, bounds, good, text] of cases) {
    const sample = judgePrometheus(status, body, bounds)
    assert.equal(sample.good, good, what)
    assert.match(sample.text, text, what)
  }
})

test('a query is asked below the given address, and keeps what it has of its own', () => {
  assert.equal(
    prometheusAddress('https://p.test/prom/?tenant=a', 'up{job="x"} > 0').href,
    'https://p.test/prom/api/v1/query?tenant=a&query=up%7Bjob%3D%22x%22%7D+%3E+0',
  )
})
