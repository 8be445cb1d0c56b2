import { setTimeout as wait } from 'node:timers/promises'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import type { StepContext } from '../step-runner.ts'
import { type StepPlace, openStepRunners } from './open-step-runners.ts'

/** What a rollout does with one step, in a process of its own, for tests that kill it: looks, begins, looks again, lets go. */
const { place, step, context } = JSON.parse(process.argv[2] ?? '{}') as {
  place: StepPlace
  step: StepInHand
  context: StepContext
} // written by the test that started it
const { runners, close } = await openStepRunners(place)
const { signal } = new AbortController()
let sight: StepSight = { state: 'absent' }
for (let look = 0; look < 400; look++) {
  sight = await runners.see(step, context, signal)
  if (sight.state === 'absent') await runners.begin(step, context, signal)
  else if (sight.state !== 'running') break
  await wait(150)
}
if (sight.state !== 'uncertain') await runners.letGo(step, context, signal)
process.stdout.write(`${JSON.stringify(sight)}\n`)
await close()
