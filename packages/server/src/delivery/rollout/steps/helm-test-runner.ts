import { failpoint } from '@flotilla/engine'
import type { KubeObject } from '@flotilla/model'
import {
  type HookRun,
  hookFinalizer,
  hookInHand,
  hookRunAnnotation,
  isAwaited,
  outcomeOfRun,
  planHooks,
  prepareHook,
  type StepInHand,
  type StepSight,
} from '@flotilla/reconcile'
import { Counters } from '../../delivery/counters.ts'
import { startHook } from '../../delivery/run-hook.ts'
import { takeFinalizerOff } from '../../runs/let-go-of-run.ts'
import { observeRun } from '../../runs/observe-run.ts'
import { podsOf, readPodLog, timeForLogs } from '../../runs/run-log.ts'
import { memberOfStep } from './member-of-step.ts'
import { holderOf, type Refusals, type StepContext, type StepDeps, type StepRunner } from './step-runner.ts'
import { tellOf } from './step-telling.ts'

/** Runs the test hooks of a component's chart, as `helm test` does: one after the other, in their order. */
export function createHelmTestRunner(deps: StepDeps, refusals: Refusals): StepRunner {
  /** Gives the text of why there is nothing to run. */
  async function plan(step: StepInHand, context: StepContext): Promise<readonly HookRun[] | string> {
    const { place } = step
    const name = step.step.test?.helm?.component ?? ''
    const component = place.want?.components.find((one) => one.name === name)
    if (component === undefined) return `${name} is no component of what ${place.cluster}/${place.namespace} is to have`
    const delivery = deps.deliveryOf(context.project.name, place.delivery)
    if (delivery === undefined)
      return `${context.application.name} is not delivered to ${place.cluster}/${place.namespace}`
    const set = await deps.sets.get(component.digest)
    if (set === undefined) return `what was rendered of ${name} is no longer stored; freeze the release anew`
    const planned = planHooks([{ set, digest: component.digest, event: 'test' }])
    if (planned.length === 0)
      return `the chart of ${name} has no tests: no hook of its is annotated with helm.sh/hook: test`
    return planned.map((hook) =>
      prepareHook(delivery, hookInHand([context.rollout.uid, step.key], hook, step.since), hook),
    )
  }

  /** Those after it begin when it has ended well. */
  async function beginOne(run: HookRun, step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void> {
    const delivery = deps.deliveryOf(context.project.name, step.place.delivery)
    if (delivery === undefined) return
    const client = memberOfStep(deps, step, context)
    const result = await startHook({ client, delivery, counters: new Counters(), signal, deps }, run)
    if (result.kind === 'refused') refusals.add(holderOf(step, context), { message: result.message, remedy: undefined })
  }

  return {
    begin: async (step, context, signal) => {
      const runs = await plan(step, context)
      if (typeof runs === 'string') return refusals.add(holderOf(step, context), { message: runs, remedy: undefined })
      const [first] = runs
      if (first !== undefined) await beginOne(first, step, context, signal)
    },

    see: async (step, context, signal) => {
      const runs = await plan(step, context)
      if (typeof runs === 'string') return { state: 'failed', message: runs }
      const client = memberOfStep(deps, step, context)
      const tell = () => tellOf(deps.sets, step.place)
      const evidence: string[] = []
      for (const run of runs) {
        const { hook } = run
        const sight = await observeRun(
          client,
          { ref: hook, annotation: hookRunAnnotation, key: hook.key },
          tell,
          signal,
        )
        const name = `test ${hook.name}`
        switch (sight.state) {
          case 'absent':
          case 'other':
            if (evidence.length === 0) return { state: 'absent' }
            await beginOne(run, step, context, signal)
            return { state: 'running', waitingFor: name, evidence: evidence.slice(-mostEvidence) }
          case 'running':
            return {
              state: 'running',
              waitingFor: `${name}: ${sight.message}`,
              evidence: evidence.slice(-mostEvidence),
            }
          case 'failed':
            return {
              state: 'failed',
              message: `${name} failed: ${sight.message}`,
              evidence: evidence.slice(-mostEvidence),
            }
          case 'succeeded':
            evidence.push(`${name} succeeded`)
            break
          default:
            sight satisfies never
        }
      }
      return { state: 'succeeded', evidence: evidence.slice(-mostEvidence) } satisfies StepSight
    },

    letGo: async (step, context, signal) => {
      const runs = await plan(step, context)
      if (typeof runs === 'string') return
      const client = memberOfStep(deps, step, context)
      const found: { readonly run: HookRun; readonly object: KubeObject }[] = []
      for (const run of runs) {
        const object = await client.find(run.hook, { signal })
        if (object !== undefined && isOf(object, run)) found.push({ run, object })
      }
      const texts: string[] = []
      const within = timeForLogs()
      const telling = await tellOf(deps.sets, step.place)
      for (const { object } of found) {
        const [pod] = ['Job', 'Pod'].includes(object.kind) ? await podsOf(client, object, signal) : []
        if (pod === undefined) continue
        texts.push(`[${object.metadata.name}]\n${await readPodLog(client, pod, telling, signal, within)}`)
      }
      const key = { rolloutUid: context.rollout.uid, step: step.key, attempt: step.attempt }
      // whoever was killed here once has it already, and some of the pods may be gone
      if (texts.length > 0 && (await deps.logs.get(key.rolloutUid, key.step, key.attempt)) === undefined) {
        const at = new Date(deps.clock.now()).toISOString()
        await deps.logs.put({ ...key, projectUid: context.project.uid, text: texts.join('\n'), at })
      }
      failpoint('step-log-kept')
      for (const { run, object } of found) {
        const outcome = outcomeOfHook(object)
        await takeFinalizerOff(client, object, run.hook, hookFinalizer, signal)
        failpoint('step-job-let-go')
        if (outcome === 'running' || run.deletePolicies.includes(`hook-${outcome}`))
          await client.delete(run.hook, { uid: object.metadata.uid, signal })
        failpoint('step-job-removed')
      }
    },
  }
}

const mostEvidence = 20

const isOf = ({ metadata }: KubeObject, { hook }: HookRun): boolean =>
  metadata.annotations?.[hookRunAnnotation] === hook.key

const outcomeOfHook = (object: KubeObject) => (isAwaited(object) ? outcomeOfRun(object) : 'succeeded')
