import type { AuditEntry } from '@flotilla/api'

/** What was left out since the last that was let through. */
export interface RepeatLimiter {
  /**
   * Whether one more of this key is written down. The first of the next minute carries how many were not. What was
   * done is never asked about: only what was refused, which costs whoever asks nothing.
   */
  take(key: string): { readonly write: boolean; readonly leftOut: number }
}

const minuteMs = 60_000
/** Keys that are remembered; beyond them all strangers are one. */
const mostKeys = 1_000

/** Refused requests fill no disk and push nothing else out of the audit. */
export function createRepeatLimiter(options: {
  readonly now: () => number
  readonly eachMinute: number
}): RepeatLimiter {
  const { now, eachMinute } = options
  const seen = new Map<string, { minute: number; count: number; leftOut: number }>()
  return {
    take: (wanted) => {
      const key = seen.has(wanted) || seen.size < mostKeys ? wanted : ''
      const minute = Math.floor(now() / minuteMs)
      let one = seen.get(key)
      if (one === undefined) seen.set(key, (one = { minute, count: 0, leftOut: 0 }))
      if (one.minute !== minute) {
        one.minute = minute
        one.count = 0
        if (seen.size >= mostKeys)
          for (const [other, { minute: last }] of seen) if (last < minute - 1) seen.delete(other)
      }
      if (++one.count > eachMinute) {
        one.leftOut++
        return { write: false, leftOut: 0 }
      }
      const { leftOut } = one
      one.leftOut = 0
      return { write: true, leftOut }
    },
  }
}

export function withLeftOut(entry: AuditEntry, leftOut: number): AuditEntry {
  return leftOut === 0 ? entry : { ...entry, details: { ...entry.details, leftOut } }
}
