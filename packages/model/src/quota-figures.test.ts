import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mostOf, quotaRows, ratioIn, shareRows, showQuantity, sumOf } from './quota-figures.ts'

describe('what a project asks for, has and uses', () => {
  const target = (cluster: string, used?: Record<string, string>) => ({
    cluster,
    namespace: 'shop',
    allocated: { 'requests.cpu': '4' },
    ...(used === undefined ? {} : { used }),
  })
  test('is summed over its targets, the usual resources first', () => {
    const rows = quotaRows({
      hard: { pods: '50', 'requests.cpu': '10' },
      granted: { pods: '50', 'requests.cpu': '8' },
      targets: [
        target('east', { 'requests.cpu': '1500m', pods: '3' }),
        target('west', { 'requests.cpu': '500m', pods: '2' }),
      ],
    })
    assert.deepEqual(rows, [
      { resource: 'requests.cpu', asked: '10', granted: '8', used: '2', atLeast: false, ratio: 0.25 },
      { resource: 'pods', asked: '50', granted: '50', used: '5', atLeast: false, ratio: 0.1 },
    ])
  })
  test('is at least what those said that answered, and not known when none did', () => {
    const [row] = quotaRows({
      hard: { pods: '50' },
      granted: { pods: '50' },
      targets: [target('east', { pods: '3' }), target('west')],
    })
    assert.deepEqual([row?.used, row?.atLeast], ['3', true])
    const [silent] = quotaRows({ hard: { pods: '50' }, targets: [target('east')] })
    assert.deepEqual([silent?.used, silent?.granted, silent?.ratio], [undefined, undefined, undefined])
    assert.deepEqual(quotaRows(undefined), [])
  })
  test('is shown as people read it', () => {
    const shown = [
      ['requests.cpu', '10500m', '10.5'],
      ['requests.cpu', '250m', '250m'],
      ['requests.memory', '5368709123', '5Gi'],
      ['requests.memory', '1536Mi', '1.5Gi'],
      ['pods', '1024', '1024'],
    ] as const
    for (const [resource, quantity, text] of shown) assert.equal(showQuantity(resource, quantity), text)
    assert.equal(showQuantity('pods', undefined), undefined)
  })
  test('is full where more is used than allowed, even of nothing', () => {
    assert.equal(ratioIn('pods', { pods: '3' }, { pods: '0' }), 1)
    assert.equal(ratioIn('pods', { pods: '0' }, { pods: '0' }), 0)
    assert.equal(ratioIn('pods', undefined, { pods: '1' }), undefined)
  })
})

describe('what is left in a workspace', () => {
  const quota = {
    hard: { 'requests.memory': '10Gi', pods: '50' },
    allocated: { 'requests.memory': '6Gi' },
    used: { 'requests.memory': '1536Mi' },
  }
  test('is the whole without what its projects have', () => {
    assert.deepEqual(shareRows(quota), [
      { resource: 'requests.memory', hard: '10Gi', allocated: '6Gi', used: '1.5Gi', left: '4Gi', ratio: 0.6 },
      { resource: 'pods', hard: '50', allocated: '0', used: undefined, left: '50', ratio: 0 },
    ])
  })
  test('with what a project has is the most that it may ask for', () => {
    assert.equal(mostOf('requests.memory', quota, { 'requests.memory': '2Gi' }), '6Gi')
    assert.equal(mostOf('requests.memory', quota), '4Gi')
    assert.equal(mostOf('requests.cpu', quota), undefined)
  })
})

test('what several say of a resource is summed exactly', () => {
  const sums = sumOf([{ 'requests.cpu': '1500m', pods: '2' }, undefined, { 'requests.cpu': '250m' }])
  assert.deepEqual([sums.get('requests.cpu'), sums.get('pods')], [1_750_000_000n, 2_000_000_000n])
})
