import type { ApplicationSpec, Target } from '@flotilla/model'
import {
  type ApplicationEffect,
  type ApplicationObserved,
  type Failure,
  renderKey,
  type SourceObservation,
} from './observed.ts'

export interface DueWork {
  readonly effects: ApplicationEffect[]
  /** Seconds until something else is due; undefined when nothing ever is. */
  readonly nextSeconds: number | undefined
}

/** Which sources are to be looked at now: those never seen, moving ones whose time has come, failed ones after a while. */
export function planPolls(
  components: readonly { readonly name: string }[],
  sources: ApplicationObserved['sources'],
  asked: { readonly pollSeconds: number; readonly syncRequest: string | undefined; readonly now: string },
): DueWork {
  const effects: ApplicationEffect[] = []
  let nextSeconds: number | undefined
  for (const { name } of components) {
    const source = sources[name] ?? { state: 'unseen' }
    const left = secondsLeft(source, asked)
    if (left === undefined) continue
    if (left <= 0) {
      const since =
        source.state === 'unseen' ? 'first' : source.state === 'failed' ? source.failure.at : source.checkedAt
      effects.push({ kind: 'ResolveSource', key: `source/${name}/${since}`, component: name })
    } else nextSeconds = Math.min(nextSeconds ?? left, left)
  }
  return { effects, nextSeconds }
}

/** True once every source that can move was looked at since the sync was asked for, whatever came of it. */
export function areSourcesRead(
  components: readonly { readonly name: string }[],
  sources: ApplicationObserved['sources'],
  syncRequest: string | undefined,
): boolean {
  return components.every(({ name }) => {
    const source = sources[name]
    if (source === undefined || source.state === 'unseen') return false
    return (source.state === 'resolved' && !source.moving) || source.syncRequest === syncRequest
  })
}

/** Which components are to be rendered now, for which targets. */
export function planRenders(
  spec: ApplicationSpec,
  targets: readonly Target[],
  rendered: ApplicationObserved['rendered'],
  now: string,
): DueWork {
  const effects: ApplicationEffect[] = []
  let nextSeconds: number | undefined
  for (const target of targets) {
    for (const { name } of spec.components) {
      const observation = rendered[renderKey(target, name)]
      if (observation?.state !== 'needed' && observation?.state !== 'failed') continue
      if (observation.state === 'failed') {
        // what is wrong with the input stays wrong until the input is another, which is another key
        if (observation.failure.next !== 'retry') continue
        const left = retryAfterSeconds(observation.failure, 60) - secondsSince(observation.failure.at, now)
        if (left > 0) {
          nextSeconds = Math.min(nextSeconds ?? left, left)
          continue
        }
      }
      const key = `render/${renderKey(target, name)}/${observation.key}`
      effects.push({ kind: 'Render', key, component: name, target })
    }
  }
  return { effects, nextSeconds }
}

/** Doubles from 5 s up to 5 min; what only a person can mend is looked at every `slowest` seconds. */
function retryAfterSeconds(failure: Failure, slowest: number): number {
  if (failure.next !== 'retry') return Math.max(60, slowest)
  return Math.min(300, 5 * 2 ** Math.min(failure.attempts - 1, 10))
}

const secondsSince = (at: string, now: string): number => (Date.parse(now) - Date.parse(at)) / 1000

function secondsLeft(
  source: SourceObservation,
  { pollSeconds, syncRequest, now }: { pollSeconds: number; syncRequest: string | undefined; now: string },
): number | undefined {
  switch (source.state) {
    case 'unseen':
      return 0
    case 'failed':
      if (source.syncRequest !== syncRequest) return 0
      return retryAfterSeconds(source.failure, pollSeconds) - secondsSince(source.failure.at, now)
    case 'resolved':
      if (!source.moving) return undefined
      // a person who asks does not wait for the time of a retry
      if (source.syncRequest !== syncRequest) return 0
      if (source.failure !== undefined)
        return retryAfterSeconds(source.failure, pollSeconds) - secondsSince(source.failure.at, now)
      return pollSeconds - secondsSince(source.checkedAt, now)
    default:
      return source satisfies never
  }
}
