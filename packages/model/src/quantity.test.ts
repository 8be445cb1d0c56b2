import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { Quantity, ResourceAmounts } from './kinds/quota.ts'
import { formatQuantity, nanosOf, parseQuantity } from './quantity.ts'

const one = 10n ** 9n

describe('a quantity', () => {
  const table: readonly [string, bigint | undefined][] = [
    ['0', 0n],
    ['1', one],
    ['+5', 5n * one],
    ['-5', -5n * one],
    ['500m', one / 2n],
    ['0.5', one / 2n],
    ['.5', one / 2n],
    ['5.', 5n * one],
    ['1.5Gi', 3n * 2n ** 29n * one],
    ['1k', 1000n * one],
    ['1e3', 1000n * one],
    ['1E3', 1000n * one],
    ['1E', 10n ** 18n * one],
    ['12E-2', 120_000_000n],
    ['0.1n', 1n],
    ['-0.1n', -1n],
    ['1e99999999', (2n ** 63n - 1n) * one],
    ['16Ei', (2n ** 63n - 1n) * one],
    ['1e-99999999', 1n],
    ['', undefined],
    ['.', undefined],
    ['+', undefined],
    ['1 ', undefined],
    ['1Kib', undefined],
    ['1K', undefined],
    ['1mi', undefined],
    ['1e', undefined],
    ['0x1', undefined],
    ['1,5', undefined],
    ['e3', undefined],
    ['Gi', undefined],
  ]
  for (const [text, nanos] of table) test(`reads ${JSON.stringify(text)}`, () => assert.equal(nanosOf(text), nanos))

  test('of a quota is one without a sign below zero', () => {
    for (const [text, nanos] of table) {
      if (text.length > 8 || nanos === undefined) continue
      assert.equal(Quantity.safeParse(text).success, !text.startsWith('-'), text)
    }
    for (const [text, nanos] of table)
      if (nanos === undefined) assert.equal(Quantity.safeParse(text).success, false, text)
  })

  test('is written as it is read', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 60n }),
        fc.constantFrom('requests.cpu', 'limits.memory', 'pods'),
        (amount, name) => {
          const nanos = amount * (name === 'requests.cpu' ? 10n ** 6n : one)
          const capped = nanos > (2n ** 63n - 1n) * one ? 0n : nanos
          assert.equal(nanosOf(formatQuantity(name, capped)), capped)
        },
      ),
    )
    assert.equal(formatQuantity('requests.memory', 10n * 2n ** 30n * one), '10Gi')
    assert.equal(formatQuantity('requests.cpu', 3n * one), '3')
    assert.equal(formatQuantity('requests.cpu', one / 2n), '500m')
    assert.equal(formatQuantity('pods', 1024n * one), '1024')
    assert.equal(parseQuantity('1500m'), 1.5)
  })

  test('is of a resource that a ResourceQuota limits', () => {
    const takes = (amounts: Record<string, string>): boolean => ResourceAmounts.safeParse(amounts).success
    const good = [
      'requests.cpu',
      'limits.memory',
      'requests.storage',
      'pods',
      'count/jobs.batch',
      'count/pods',
      'services.loadbalancers',
      'requests.nvidia.com/gpu',
      'fast.storageclass.storage.k8s.io/requests.storage',
    ]
    for (const name of good) assert.ok(takes({ [name]: '1' }), name)
    for (const name of [
      'cpu',
      'memory',
      'requests.gpu',
      'count/',
      'count/Jobs',
      'services.',
      'a/b',
      'resourcequotas',
      '',
    ])
      assert.ok(!takes({ [name]: '1' }), name)
    assert.ok(takes({ 'requests.cpu': '1500m' }))
    assert.ok(!takes({ pods: '1500m' }))
    assert.ok(takes({ pods: '2000m' }))
  })
})
