import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepareAhead, prepareObjects } from './prepare-objects.ts'
import { configMap, desiredOf, sampleDelivery, sampleSet } from './testing/sample-delivery.ts'

const key = new Uint8Array(32)
const wanted = (leaveTo: string[] = []) => {
  const desired = desiredOf({ web: 'one' })
  return sampleDelivery({ ...desired, components: desired.components.map((one) => ({ ...one, leaveTo })) })
}
const set = () => sampleSet('web', [configMap('a', '1'), configMap('b', '1')])

test('a set is prepared once for a delivery, and anew for what goes into it', () => {
  const one = set()
  const first = prepareObjects(wanted(), one, key)
  assert.equal(prepareObjects(wanted(), one, key), first)
  assert.deepEqual(prepareObjects(wanted(['tuner']), one, key)[0]?.leaveTo, ['tuner'])
  const { metadata, ...rest } = wanted()
  const other = prepareObjects({ ...rest, metadata: { ...metadata, uid: 'another' } }, one, key)
  assert.equal(other[0]?.object.metadata.labels?.['flotilla.dev/delivery'], 'another')
  assert.notEqual(prepareObjects(wanted(), one, new Uint8Array(32).fill(1))[0]?.hash, first[0]?.hash)
  assert.deepEqual(prepareObjects(wanted(), set(), key), first)
})

test('a set that is prepared ahead lets others have their turn after each object, and is the same', async () => {
  const one = set()
  let turns = 0
  const pause = async (): Promise<void> => void turns++
  await prepareAhead(wanted(), one, key, pause)
  assert.equal(turns, 2)
  const prepared = prepareObjects(wanted(), one, key)
  assert.equal(prepareObjects(wanted(), one, key), prepared)
  assert.deepEqual(prepared, prepareObjects(wanted(), set(), key))
  await prepareAhead(wanted(), one, key, pause)
  assert.equal(turns, 2, 'it is not done again')
})
