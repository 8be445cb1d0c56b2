import type { RowItem } from './place-rows.ts'

interface Told {
  readonly topic: string
  readonly at: number
  readonly items: readonly RowItem[]
}

const keptMs = 15_000
const mostKept = 2000
let told: Told[] = []

/** Remembers for a moment what the stream said: an answer that was on its way may be older. */
export function rememberRows(topic: string, items: readonly RowItem[], now = performance.now()): void {
  told.push({ topic, at: now, items })
  if (told.length > mostKept || (told[0]?.at ?? now) < now - keptMs)
    told = told.slice(-mostKept).filter(({ at }) => at >= now - keptMs)
}

/** What was said of a topic since. */
export const rowsSince = (topic: string, since: number): RowItem[] =>
  told.filter((one) => one.topic === topic && one.at >= since).flatMap(({ items }) => items)
