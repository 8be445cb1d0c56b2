import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { nextProbeStep, type ProbePodSight, probeSeconds, type ProbeSight } from './next-probe-step.ts'
import { type ProbeRole, probeRoles } from './probe-objects.ts'

const image = { image: 'registry.example/agent:1' }
const running: ProbePodSight = { phase: 'Running', ip: '10.0.0.7', said: '', reason: '', message: '' }
const ended = (said: string): ProbePodSight => ({ phase: 'Succeeded', ip: '10.0.0.8', said, reason: '', message: '' })

/** A cluster in which pods do what its network makes them do. */
function play(says: Partial<Record<ProbeRole, string | ProbePodSight>>): {
  state: string
  message: string
  made: string[]
} {
  let namespace: ProbeSight['namespace'] = 'absent'
  let policy = false
  const pods = new Map<ProbeRole, ProbePodSight>()
  const made: string[] = []
  for (let pass = 0; pass < 30; pass++) {
    const step = nextProbeStep({ namespace, policy, pods }, image, pass)
    if (step.do === 'end') return { ...step.verdict, made }
    if (step.do === 'wait') continue
    for (const { kind, metadata } of step.objects) {
      made.push(kind === 'Pod' ? metadata.name : kind)
      if (kind === 'Namespace') namespace = 'ours'
      if (kind === 'NetworkPolicy') policy = true
      const role = probeRoles.find((one) => kind === 'Pod' && one === metadata.name)
      if (role === undefined) continue
      const does = says[role] ?? (role === 'listener' ? running : 'connected')
      pods.set(role, typeof does === 'string' ? ended(does) : does)
    }
  }
  return { state: 'endless', message: '', made }
}

describe('measuring whether a NetworkPolicy blocks', () => {
  test('asks first without a policy, then with one, and a stranger that is blocked proves it', () => {
    const { state, made } = play({ stranger: 'blocked' })
    assert.equal(state, 'Enforced')
    assert.deepEqual(made, ['Namespace', 'listener', 'early', 'NetworkPolicy', 'stranger', 'friend'])
  })
  test('a stranger that connects proves the contrary', () => {
    assert.equal(play({ stranger: 'connected' }).state, 'NotEnforced')
  })
  test('proves nothing where pods cannot connect anyway, or where even the friend is blocked', () => {
    const early = play({ early: 'blocked' })
    assert.deepEqual([early.state, early.made.includes('NetworkPolicy')], ['Unknown', false])
    assert.equal(play({ stranger: 'blocked', friend: 'blocked' }).state, 'Unknown')
  })
  test('says which image cannot be pulled, and what to do', () => {
    const pull = { ...running, phase: 'Pending', ip: '', reason: 'ImagePullBackOff', message: 'no such host' }
    const { state, message } = play({ listener: pull })
    assert.equal(state, 'Unknown')
    assert.match(message, /registry\.example\/agent:1.*ImagePullBackOff: no such host.*--network-probe-image/)
  })
  test('a pod that ends without a word proves nothing', () => {
    for (const role of probeRoles) assert.equal(play({ [role]: ended('') }).state, 'Unknown', role)
    assert.match(
      play({ early: { ...running, phase: 'Failed', reason: 'StartError' } }).message,
      /StartError.*needs node/,
    )
  })
  test("touches nothing in somebody else's namespace of that name", () => {
    const step = nextProbeStep({ namespace: 'foreign', policy: false, pods: new Map() }, image, 0)
    assert.ok(step.do === 'end' && step.verdict.state === 'Unknown')
  })

  const word = fc.constantFrom('', 'connected', 'blocked', 'nonsense')
  const pod = fc.record({
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
    ip: fc.constantFrom('', '10.0.0.7'),
    said: word,
    reason: fc.constantFrom('', 'Unschedulable', 'ErrImagePull', 'ImagePullBackOff'),
    message: fc.constant('m'),
  })
  const sights = fc.record({
    namespace: fc.constantFrom('absent', 'ours', 'foreign', 'going'),
    policy: fc.boolean(),
    pods: fc
      .record({ listener: pod, early: pod, stranger: pod, friend: pod }, { requiredKeys: [] })
      .map(
        (pods) =>
          new Map(probeRoles.flatMap((role) => (pods[role] === undefined ? [] : [[role, pods[role]] as const]))),
      ),
  })

  test('whatever is there: ends in time, makes nothing twice, and says Enforced only on both proofs', () => {
    fc.assert(
      fc.property(sights, fc.nat(300), (sight, seconds) => {
        const step = nextProbeStep(sight, image, seconds)
        if (seconds >= probeSeconds) assert.equal(step.do, 'end')
        if (step.do === 'create') {
          for (const { kind, metadata } of step.objects) {
            if (kind === 'Pod') assert.ok(!sight.pods.has(metadata.name as ProbeRole))
            if (kind === 'NetworkPolicy') assert.ok(!sight.policy && sight.pods.get('early')?.said === 'connected')
          }
        }
        if (step.do === 'end' && step.verdict.state !== 'Unknown') {
          assert.equal(sight.pods.get('early')?.said, 'connected')
          assert.ok(sight.policy)
          assert.equal(step.verdict.state === 'Enforced', sight.pods.get('stranger')?.said === 'blocked')
          if (step.verdict.state === 'Enforced') assert.equal(sight.pods.get('friend')?.said, 'connected')
        }
      }),
    )
  })
})
