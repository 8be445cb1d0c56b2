import type { RolloutControl } from '@flotilla/model'
import { extendDeadlines, passFailures, retryTargets } from './retries.ts'
import { type Progress, type Run } from './run.ts'
import { heedResolution } from './resolutions.ts'
import { heedSkip } from './skips.ts'

type Retry = RolloutControl['retries'][number]

/** What became of one thing that a person asked for. `done` false: it stays asked for until it can be done. */
export interface Heeded {
  readonly progress: Progress
  readonly done: boolean
}

/** Does what people asked for, each thing once. */
export function heedPeople(run: Run, before: Progress): Progress {
  const { control } = run.object.spec
  let progress = before
  const done = new Set(before.seen.ids)
  const heed = <Asked extends { readonly id: string }>(
    all: readonly Asked[],
    act: (progress: Progress, asked: Asked) => Heeded,
  ): void => {
    for (const asked of all) {
      if (done.has(asked.id)) continue
      const heeded = act(progress, asked)
      progress = heeded.progress
      if (heeded.done) done.add(asked.id)
    }
  }
  heed(control.resolutions, (at, asked) => heedResolution(run, at, asked))
  heed(control.skips, (at, asked) => heedSkip(run, at, asked))
  if (control.abort === undefined) heed(control.retries, (at, asked: Retry) => retryTargets(run, at, asked))
  if (control.resumed > before.seen.resumed) progress = extendDeadlines(run, passFailures(progress))
  // what is asked for no longer need not be remembered
  const asked = [...control.resolutions, ...control.skips, ...control.retries]
  const ids = [...new Set(asked.map(({ id }) => id))].filter((id) => done.has(id))
  return { ...progress, seen: { resumed: Math.max(control.resumed, before.seen.resumed), ids } }
}
