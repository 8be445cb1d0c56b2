import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import type { Delivery } from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'
import type { CapabilityMemory } from './capabilities.ts'
import { subscribeApplications } from './subscribe.ts'

type Listener = (key: string, delivery: Delivery | undefined) => void

/** A stand-in for the host's watches that tells what the test tells it. */
function listen() {
  let told: Listener = () => {}
  const quiet = { onChange: () => () => {}, list: () => [] }
  const deliveries = {
    ...quiet,
    onChange: (listener: Listener) => {
      told = listener
      return () => {}
    },
  }
  const state = {
    applications: quiet,
    projects: quiet,
    workspaces: quiet,
    credentials: quiet,
    clusters: quiet,
    releases: quiet,
    deliveries,
  } as unknown as HostState
  const looks: string[] = []
  const end = subscribeApplications(
    { state, fleet: { onChange: () => () => {} }, capabilities: {} as CapabilityMemory },
    (key) => looks.push(key),
  )
  const change = (status: Partial<NonNullable<Delivery['status']>>): void =>
    told('pj-a/shop.east', {
      metadata: { name: 'shop.east', namespace: 'pj-a' },
      spec: { application: { name: 'shop' }, target: { cluster: 'east', namespace: 'a' } },
      status,
    } as unknown as Delivery)
  return { looks, change, end }
}

describe('what makes an application be looked at', () => {
  test('how far the work of a delivery is, is told together and a moment later', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { looks, change, end } = listen()
    change({ phase: 'DryRun', waitingFor: 'the dry-run' })
    assert.deepEqual(looks, ['pj-a/shop'])
    change({ phase: 'Applying', waitingFor: '1 object being written' })
    change({ phase: 'Applying', waitingFor: '2 objects being written' })
    assert.equal(looks.length, 1)
    mock.timers.tick(500)
    assert.equal(looks.length, 2)
    end()
    mock.timers.reset()
  })

  test('health, and work that ends, at once', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { looks, change, end } = listen()
    change({ phase: 'Applying', waitingFor: 'one thing' })
    change({ phase: 'Applying', waitingFor: 'another' })
    change({ phase: 'WaitingHealth' })
    assert.equal(looks.length, 2)
    change({ phase: 'WaitingHealth', health: 'Degraded' })
    change({ phase: 'Settled', health: 'Healthy' })
    assert.equal(looks.length, 4)
    mock.timers.tick(1_000)
    assert.equal(looks.length, 4, 'what was to be told later was told already')
    end()
    mock.timers.reset()
  })
})
