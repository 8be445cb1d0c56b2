import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseWarnings } from './warnings.ts'

test('warnings are read, one by one and joined, with quotes and commas in them', () => {
  const pods = String.raw`299 - "would violate PodSecurity \"baseline:latest\": privileged, hostPath volumes"`
  const old = '299 - "batch/v1beta1 CronJob is deprecated"'
  const texts = [
    'would violate PodSecurity "baseline:latest": privileged, hostPath volumes',
    'batch/v1beta1 CronJob is deprecated',
  ]
  assert.deepEqual(parseWarnings(`${pods}, ${old}`), texts)
  assert.deepEqual(parseWarnings([pods, old]), texts)
  assert.deepEqual([parseWarnings(undefined), parseWarnings('odd'), parseWarnings('299 - "open')], [[], [], []])
  assert.equal(parseWarnings(`${old}, `.repeat(500)).length, 20)
})
