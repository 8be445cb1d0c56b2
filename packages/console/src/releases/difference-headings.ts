import type { ReleaseDetail } from '@flotilla/api'
import type { Text } from '../i18n/text.ts'

interface Shown {
  /** Another release; empty: what was there. */
  readonly against: string
  /** Of a rollback. */
  readonly back: boolean
  /** The run that is shown is over. */
  readonly ended: boolean
}

/** What a difference is called, and its column of what was there: a frozen release is compared with what ran before it. */
export function headings(
  { digest }: Pick<ReleaseDetail, 'digest'>,
  { against, back, ended }: Shown,
  t: Text['t'],
): { readonly title: string; readonly before: string } {
  const text = t.releases
  if (back) return { title: text.rollBackDifference, before: ended ? text.beforeFrozen : text.before }
  if (against !== '') return { title: text.differenceAgainst(against), before: against }
  if (digest === undefined) return { title: text.difference, before: text.before }
  return { title: text.differenceFrozen, before: text.beforeFrozen }
}
