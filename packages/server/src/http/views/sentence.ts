import type { Application, Delivery } from '@flotilla/model'
import type { MatrixTarget, Sentence } from '@flotilla/api'

interface Said {
  readonly delivery: Delivery
  readonly target: MatrixTarget
}

const words = {
  failed: 'Failing in',
  degraded: 'Degraded in',
  missing: 'Objects missing in',
  progressing: 'Rolling out in',
  suspended: 'Suspended in',
  unknown: 'Not seen in',
  waiting: 'Waiting in',
} as const satisfies Partial<Record<Sentence['code'], string>>
const worstFirst = [
  ['Failed', 'failed'],
  ['Degraded', 'degraded'],
  ['Missing', 'missing'],
] as const

/** What, why and since when, in one sentence: the worst that is known comes first, what is not known is never left out. */
export function sentenceOf(application: Application, said: readonly Said[]): Sentence {
  const { spec, status, metadata } = application
  if (metadata.deletionTimestamp !== undefined)
    return {
      code: 'removing',
      headline: spec.deletionPolicy === 'Keep' ? 'Being removed; its objects stay' : 'Being removed with its objects',
      detail: '',
      since: metadata.deletionTimestamp,
      clusters: clustersOf(said),
    }
  const unseen = said.filter(({ target }) => target.health === 'Unknown')
  const aside = unseen.length === 0 ? '' : `${inClusters('Not seen in', unseen)}${sinceText(unseen)}.`
  for (const [state, code] of worstFirst) {
    const those = said.filter(({ target }) => target.health === state)
    if (those.length > 0) return about(code, those, aside)
  }
  const blocking = (status?.findings ?? []).find((finding) => finding.severity === 'Error')
  if (blocking !== undefined)
    return {
      code: 'blocked',
      headline: 'Delivery is held',
      detail: join(blocking.message, aside),
      clusters: blocking.cluster === undefined ? [] : [blocking.cluster],
      ...(blocking.component === undefined ? {} : { component: blocking.component }),
    }
  if (spec.paused)
    return { code: 'paused', headline: 'Paused: nothing is written', detail: aside, clusters: clustersOf(said) }
  if (said.length === 0)
    return {
      code: 'unplaced',
      headline: 'In no cluster',
      detail: status?.message ?? 'Its placement matches no target of its project',
      clusters: [],
    }
  const waiting = said.filter(({ target }) => target.waitingFor !== undefined && target.health !== 'Unknown')
  const progressing = said.filter(
    ({ target }) => target.health === 'Progressing' || (!target.current && target.health !== 'Unknown'),
  )
  if (progressing.length > 0) return about(waiting.length > 0 ? 'waiting' : 'progressing', progressing, aside)
  const suspended = said.filter(({ target }) => target.health === 'Suspended')
  if (suspended.length > 0) return about('suspended', suspended, aside)
  if (unseen.length > 0) return about('unknown', unseen, '')
  return {
    code: 'healthy',
    headline: said.length === 1 ? inClusters('Healthy in', said) : `Healthy in all ${said.length} targets`,
    detail: '',
    ...latest(said.map(({ delivery }) => delivery.status?.healthSince)),
    clusters: clustersOf(said),
  }
}

function about(code: keyof typeof words, those: readonly Said[], aside: string): Sentence {
  const [first] = those
  const component = first?.delivery.status?.components?.find(
    (one) => one.health !== 'Healthy' && one.health === first.target.health,
  )
  const why =
    code === 'waiting' || code === 'progressing'
      ? (first?.target.waitingFor ?? first?.target.message ?? component?.message ?? notBegun(first))
      : (component?.message ?? first?.target.message ?? '')
  const named = component === undefined || why.startsWith(component.name) ? why : `${component.name}: ${why}`
  return {
    code,
    headline: inClusters(words[code], those),
    detail: join(named, aside),
    ...earliest(
      those.map(({ delivery, target }) => target.unknownSince ?? target.waitingSince ?? delivery.status?.healthSince),
    ),
    clusters: clustersOf(those),
    ...(component === undefined ? {} : { component: component.name }),
  }
}

const notBegun = (first: Said | undefined): string =>
  first?.target.phase === undefined ? 'Delivery has not begun there' : ''

const clustersOf = (said: readonly Said[]): string[] => [...new Set(said.map(({ target }) => target.cluster))]

function inClusters(word: string, said: readonly Said[]): string {
  const clusters = clustersOf(said)
  const shown = clusters.slice(0, 3).join(', ')
  return clusters.length > 3 ? `${word} ${shown} and ${clusters.length - 3} more` : `${word} ${shown}`
}

function sinceText(said: readonly Said[]): string {
  const { since } = earliest(said.map(({ target }) => target.unknownSince))
  return since === undefined ? '' : ` since ${since}`
}

function join(first: string, second: string): string {
  if (first === '' || second === '') return first + second
  return `${first}${/[.!?]$/.test(first) ? '' : '.'} ${second}`
}

function earliest(times: readonly (string | undefined)[]): { since?: string } {
  const [since] = times.filter((time) => time !== undefined).sort()
  return since === undefined ? {} : { since }
}

function latest(times: readonly (string | undefined)[]): { since?: string } {
  const since = times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1)
  return since === undefined ? {} : { since }
}
