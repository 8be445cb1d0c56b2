import type { ReleaseDifference } from '@flotilla/api'
import type { DifferencePart } from '../query/use-releases.ts'

export type TargetName = Pick<ReleaseDifference['targets'][number], 'cluster' | 'namespace'>

/** The server takes no more clusters at once. */
const mostAsked = 100

/** What to ask of a release's difference to have that of some of its targets; it may hold more: `onlyOf` leaves that out. */
export function askOnly(targets: readonly TargetName[]): DifferencePart {
  const clusters = [...new Set(targets.map(({ cluster }) => cluster))]
  const [namespace, ...others] = new Set(targets.map((target) => target.namespace))
  return {
    ...(clusters.length > mostAsked ? {} : { cluster: clusters }),
    ...(namespace === undefined || others.length > 0 ? {} : { namespace }),
  }
}

/** One cluster may hold several targets. */
export function onlyOf<T extends TargetName>(items: readonly T[], targets: readonly TargetName[]): T[] {
  const among = new Set(targets.map(({ cluster, namespace }) => `${cluster}/${namespace}`))
  return items.filter(({ cluster, namespace }) => among.has(`${cluster}/${namespace}`))
}
