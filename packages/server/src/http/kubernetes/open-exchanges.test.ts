import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { createOpenExchanges, type Exchange } from './open-exchanges.ts'

const limits = { all: 5, ofOneSession: 3, checkMs: 10, unsureMs: 60 }
const exchange = (more: Partial<Exchange> = {}): Exchange => ({
  tokenHash: 'session',
  userUid: 'dora',
  cluster: 'east',
  groups: ['red'],
  ...more,
})

const groups = new Map<string, readonly string[]>()
let isOpen: (tokenHash: string) => Promise<boolean> = () => Promise.resolve(true)
const open = createOpenExchanges({
  currentGroups: ({ userUid, cluster }) => groups.get(`${userUid} ${cluster ?? ''}`),
  isOpen: (tokenHash) => isOpen(tokenHash),
  clock: systemClock,
  log: silentLog,
  limits,
})
after(() => open.stop())

const begin = (more?: Partial<Exchange>) => {
  groups.set('dora east', ['red', 'blue'])
  isOpen = () => Promise.resolve(true)
  const begun = open.open(exchange(more))
  assert.ok(begun)
  return begun
}
const endsWithin = async (signal: AbortSignal, ms: number): Promise<boolean> => {
  for (let waited = 0; waited < ms && !signal.aborted; waited += 5) await wait(5)
  return signal.aborted
}

test('what may go on goes on, also when a role came or one that it does not use went', async () => {
  const { signal, close } = begin()
  groups.set('dora east', ['red', 'green'])
  assert.equal(await endsWithin(signal, 100), false)
  close()
  assert.equal(open.size, 0)
})

test('it ends when its role, its person or its session is gone', async () => {
  for (const gone of [
    () => groups.set('dora east', ['blue']),
    () => groups.delete('dora east'),
    () => (isOpen = () => Promise.resolve(false)),
  ]) {
    const { signal, close } = begin()
    gone()
    assert.equal(await endsWithin(signal, 500), true)
    close()
  }
})

test('a store that hangs keeps nothing of a disabled person open, and of others not for long', async () => {
  const { signal, close } = begin()
  const other = begin({ tokenHash: 'other', userUid: 'otto', groups: [] })
  groups.set('otto east', [])
  isOpen = () => new Promise(() => undefined)
  await wait(20)
  groups.delete('dora east')
  open.check()
  assert.equal(signal.aborted, true)
  assert.equal(other.signal.aborted, false)
  assert.equal(await endsWithin(other.signal, 1_000), true)
  close()
  other.close()
})

test('a session, and all together, have only so many', () => {
  const mine = [begin(), begin(), begin()]
  assert.equal(open.open(exchange()), undefined)
  const others = [begin({ tokenHash: 'two' }), begin({ tokenHash: 'three' })]
  assert.equal(open.open(exchange({ tokenHash: 'four' })), undefined)
  for (const one of [...mine, ...others]) one.close()
  assert.equal(open.size, 0)
})
