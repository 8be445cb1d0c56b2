import type { Log } from '@flotilla/engine'
import { asFlotillaError } from '@flotilla/model'
import { type ApplicationEffect, renderKey } from '@flotilla/reconcile'
import type { StoredSets } from '../rendered-set.ts'
import { asRenderFailure, renderAndStore, type RenderDeps } from './render-component.ts'
import type { RenderJob } from './render-job.ts'
import type { RenderMemory } from './render-memory.ts'
import { describeFailure } from './source-memory.ts'

export interface RenderEffectsDeps extends RenderDeps {
  readonly sets: StoredSets
  readonly renderMemory: RenderMemory
  readonly log: Log
}

const atOnce = 4

/** Makes the renders of a decision; each is remembered, also when it fails. What is equal is rendered once. */
export async function executeRenders(
  deps: RenderEffectsDeps,
  effects: readonly ApplicationEffect[],
  jobs: ReadonlyMap<string, RenderJob>,
  signal: AbortSignal,
): Promise<void> {
  const left = effects.flatMap((effect) => {
    const job = effect.kind === 'Render' ? jobs.get(renderKey(effect.target, effect.component)) : undefined
    return job === undefined ? [] : [job]
  })
  const running = new Map<string, Promise<void>>()
  const worker = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      signal.throwIfAborted()
      // the first of equal jobs renders, the others find what it left
      await running.get(job.key)
      const seen = await deps.renderMemory.observe(job)
      if (seen.state === 'rendered') continue
      const one = executeRender(deps, job, signal)
      running.set(job.key, one)
      await one
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

async function executeRender(deps: RenderEffectsDeps, job: RenderJob, signal: AbortSignal): Promise<void> {
  const started = performance.now()
  try {
    const { rendered, ofTarget } = await renderAndStore(deps, job, signal)
    await deps.renderMemory.remember(job, rendered, ofTarget)
    deps.log.debug('rendered', {
      component: job.component.name,
      cluster: job.target.cluster,
      ms: performance.now() - started,
    })
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    // a store that does not answer says nothing about the chart
    if (error.code === 'store.unavailable') throw error
    deps.renderMemory.fail(job, (at, before) => describeFailure(asRenderFailure(error), at, before))
  }
}
