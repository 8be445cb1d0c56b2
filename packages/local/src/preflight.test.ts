import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { judgeMachine, type MachineFacts } from './preflight.ts'

const good: MachineFacts = {
  platform: 'linux',
  arch: 'x64',
  isRoot: true,
  canSudo: false,
  nodeMajor: 24,
  go: 'go1.26.8',
  missingParts: ['kubernetes'],
  missingPrograms: [],
  hasApt: true,
  missingKernel: [],
  memoryMb: 8000,
  diskFreeMb: 40_000,
  busyPorts: [],
  takenPorts: [],
}

describe('what a machine must have', () => {
  test('nothing is missing on a good one', () => {
    assert.deepEqual(judgeMachine(good), { missing: [], packages: [] })
  })

  test('another system is told to use its own clusters, and nothing else', () => {
    const { missing } = judgeMachine({ ...good, platform: 'darwin', isRoot: false, go: undefined, memoryMb: 1 })
    assert.equal(missing.length, 1)
    assert.match(missing[0]?.remedy ?? '', /flotilla serve --kubeconfig/)
  })

  test('without root or sudo one learns how to go on without', () => {
    const { missing } = judgeMachine({ ...good, isRoot: false })
    assert.match(missing[0]?.remedy ?? '', /flotilla serve --kubeconfig/)
    assert.deepEqual(judgeMachine({ ...good, isRoot: false, canSudo: true }).missing, [])
  })

  test('Go is needed only while something must be compiled', () => {
    assert.match(judgeMachine({ ...good, go: undefined }).missing[0]?.what ?? '', /Go.*kubernetes/)
    assert.match(judgeMachine({ ...good, go: 'go1.19.8' }).missing[0]?.what ?? '', /found go1\.19\.8/)
    assert.deepEqual(judgeMachine({ ...good, go: undefined, missingParts: [] }).missing, [])
  })

  test('compiling needs more disk than running', () => {
    assert.equal(judgeMachine({ ...good, diskFreeMb: 8000 }).missing.length, 1)
    assert.equal(judgeMachine({ ...good, diskFreeMb: 8000, missingParts: [] }).missing.length, 0)
    assert.equal(judgeMachine({ ...good, diskFreeMb: 5000, missingParts: [] }).missing.length, 1)
  })

  test('programs become packages where apt may install them, else a need', () => {
    const facts = { ...good, missingPrograms: ['nft', 'runc', 'busybox'] }
    assert.deepEqual(judgeMachine(facts), { missing: [], packages: ['busybox-static', 'nftables', 'runc'] })
    assert.match(
      judgeMachine({ ...facts, hasApt: false }).missing[0]?.remedy ?? '',
      /apt-get install busybox-static nftables runc/,
    )
  })

  test('all that is missing is told at once', () => {
    const facts = {
      ...good,
      memoryMb: 2000,
      nodeMajor: 20,
      missingKernel: ['overlay'],
      busyPorts: [7480],
      takenPorts: [5000],
      diskFreeMb: 1,
    }
    const { missing } = judgeMachine(facts)
    assert.equal(missing.length, 6)
    for (const { what, remedy } of missing) assert.ok(what.length > 0 && remedy.length > 0)
    assert.match(missing.map(({ what }) => what).join('\n'), /7480[^]*5000/)
  })
})
