import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { Limiter } from './limiter.ts'

const never = new AbortController().signal

test('grants places in order and never more than the limit', async () => {
  const limiter = new Limiter({ limit: 2, queue: 10, what: 'requests' })
  const order: number[] = []
  let most = 0
  const work = async (id: number): Promise<void> => {
    const release = await limiter.acquire(never)
    order.push(id)
    most = Math.max(most, limiter.active)
    await new Promise((resolve) => setImmediate(resolve))
    release()
    release()
  }
  await Promise.all([1, 2, 3, 4, 5, 6].map(work))
  assert.deepEqual(order, [1, 2, 3, 4, 5, 6])
  assert.equal(most, 2)
  assert.equal(limiter.active, 0)
})

test('refuses what the queue cannot hold', async () => {
  const limiter = new Limiter({ limit: 1, queue: 1, what: 'requests to east' })
  await limiter.acquire(never)
  void limiter.acquire(never)
  await assert.rejects(
    limiter.acquire(never),
    (error) => error instanceof FlotillaError && error.code === 'kube.overloaded',
  )
})

test('one who gives up waiting takes no place', async () => {
  const limiter = new Limiter({ limit: 1, queue: 5, what: 'requests' })
  const release = await limiter.acquire(never)
  const impatient = new AbortController()
  const given = assert.rejects(limiter.acquire(impatient.signal), /enough/)
  const patient = limiter.acquire(never)
  impatient.abort(new Error('enough'))
  await given
  release()
  await patient
  assert.equal(limiter.active, 1)
  assert.equal(limiter.waiting, 0)
})
