import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createTestClock } from '@flotilla/kube/testing/clock'
import { FlotillaError } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import { stepInHand } from './steps/testing/step-scene.ts'
import { StepWork } from './step-work.ts'

const stepIn = (cluster: string, name = 'migrate'): StepInHand => {
  const step = stepInHand({ name })
  return { ...step, key: `${cluster}/${name}`, place: { ...step.place, cluster } }
}
const running: StepSight = { state: 'running' }
const over: StepSight = { state: 'succeeded' }
const never = (): Promise<never> => new Promise(() => {})
const refused = (retryAfter?: number): FlotillaError =>
  new FlotillaError('kube.overloaded', { message: 'too many requests', retryAfter })

/** Goes on by so much, and lets everything happen that follows. */
async function pass<T>(clock: ReturnType<typeof createTestClock>, ms: number, going: Promise<T>): Promise<T> {
  await turn()
  clock.advance(ms)
  return going
}

describe('work on steps of rollouts', () => {
  test('a cluster that does not answer holds up no other; what it says later is found by a later pass', async () => {
    const clock = createTestClock()
    const work = new StepWork(clock)
    const slow = Promise.withResolvers<StepSight>()
    const asked: string[] = []
    const see = (step: StepInHand): Promise<StepSight> => {
      asked.push(step.place.cluster)
      return step.place.cluster === 'slow' ? slow.promise : Promise.resolve(running)
    }
    const steps = [stepIn('slow'), stepIn('east')]
    const first = await pass(clock, 1_000, work.look(steps, see))
    assert.deepEqual(
      [...first.values()].map(({ known }) => known),
      [false, true],
    )
    slow.resolve(over)
    await turn()
    const second = await work.look(steps, see)
    assert.deepEqual(second.get('slow/migrate'), { known: true, value: over })
    assert.deepEqual(asked, ['slow', 'east', 'east'], 'it was asked once')
  })

  test('one that was seen to run counts as running while the next look takes long', async () => {
    const clock = createTestClock()
    const work = new StepWork(clock)
    const step = stepIn('east')
    await work.look([step], async () => running)
    const sights = await pass(clock, 1_000, work.look([step], never))
    assert.deepEqual(sights.get(step.key), { known: true, value: running })
  })

  test('it is known why the last work on a step failed, until it is done', async () => {
    const clock = createTestClock()
    const work = new StepWork(clock)
    const step = stepIn('east')
    const act = (result: () => Promise<void>) => work.act([{ step, work: result, onFailure: () => undefined }])
    await act(() => Promise.reject(refused()))
    assert.deepEqual([...work.troubles], [[step.key, 'too many requests']])
    clock.advance(60_000)
    await act(() => Promise.resolve())
    assert.deepEqual([...work.troubles], [])
  })

  test('of one step one thing is done at a time, and what was seen before it was worked on counts no more', async () => {
    const clock = createTestClock()
    const work = new StepWork(clock)
    const step = stepIn('slow')
    const looks = Promise.withResolvers<StepSight>()
    await pass(
      clock,
      1_000,
      work.look([step], () => looks.promise),
    )
    const acts = { begun: 0, failed: 0 }
    const act = { step, work: async () => void acts.begun++, onFailure: () => acts.failed++ }
    assert.equal(await work.act([act]), false, 'it is looked at')
    looks.resolve({ state: 'absent' })
    await turn()
    assert.equal(await work.act([act]), true)
    assert.equal(acts.begun, 1)
    const after = await work.look([step], async () => running)
    assert.deepEqual(after.get(step.key), { known: true, value: running }, 'not absent, as it was before')

    const slow = { step, work: never, onFailure: () => acts.failed++ }
    assert.equal(await pass(clock, 1_000, work.act([slow])), false)
    let looked = 0
    await pass(
      clock,
      1_000,
      work.look([step], async () => {
        looked++
        return running
      }),
    )
    assert.equal(looked, 0, 'it is worked on')
  })

  test('what an API server refuses is left alone for as long as it asks for, and longer each time', async () => {
    const clock = createTestClock()
    const work = new StepWork(clock)
    const step = stepIn('busy')
    const looks: string[] = []
    const see = async (): Promise<StepSight> => {
      looks.push(step.key)
      throw refused(looks.length === 1 ? 5 : undefined)
    }
    const look = async (): Promise<void> => void (await work.look([step], see))
    await look()
    clock.advance(4_900)
    await look()
    assert.deepEqual(looks, [step.key])
    clock.advance(200)
    await look()
    assert.deepEqual(looks, [step.key, step.key])
    for (let seconds = 0; seconds < 300; seconds++) {
      clock.advance(1_000)
      await look()
    }
    assert.ok(looks.length > 25 && looks.length < 45, `${looks.length} looks in five minutes`)
    const sights = await work.look([step], see)
    assert.deepEqual(sights.get(step.key), { known: false, reason: 'too many requests' })
  })

  test('one that cannot be reached is asked again with each pass, as that costs nothing, and failures are told', async () => {
    const work = new StepWork(createTestClock())
    const told: number[] = []
    const act = {
      step: stepIn('lost'),
      work: () => Promise.reject(new FlotillaError('cluster.unreachable', { message: 'it is lost' })),
      onFailure: (_error: FlotillaError, failures: number) => void told.push(failures),
    }
    for (let times = 0; times < 3; times++) assert.equal(await work.act([act]), false)
    assert.deepEqual(told, [1, 2, 3])
  })

  test('no more than some steps of one cluster are at work, and none begins on the word of an older pass', async () => {
    const clock = createTestClock()
    const work = new StepWork(clock)
    const begun: string[] = []
    const ends: (() => void)[] = []
    const steps = Array.from({ length: 40 }, (_, index) => stepIn('slow', `s${index}`))
    const acts = steps.map((step) => ({
      step,
      work: () => {
        begun.push(step.key)
        return new Promise<void>((resolve) => ends.push(resolve))
      },
      onFailure: () => undefined,
    }))
    await pass(clock, 1_000, work.act(acts))
    assert.equal(begun.length, 16)
    for (const end of ends) end()
    await turn()
    assert.equal(begun.length, 16, 'the pass is over')
    await pass(clock, 1_000, work.act(acts.slice(16)))
    assert.equal(begun.length, 32)
    assert.equal(new Set(begun).size, 32)
  })
})
