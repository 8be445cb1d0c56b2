import type { ChainHead } from './chain.ts'

/** A head as it was at a time, kept where whoever has the database does not reach. */
export interface Anchor extends ChainHead {
  /** Counted from 1; the same for good. */
  readonly number: number
  /** RFC 3339, UTC. */
  readonly at: string
}

/** The newest that are all kept; of older ones every second, fourth, eighth and so on. */
const newestKept = 64

/**
 * What is kept when the newest has its number: about 64 for each doubling of the age. An anchor that goes never
 * comes back into question, so that thinning again and again gives the same as once.
 */
export function thinAnchors(anchors: readonly Anchor[]): Anchor[] {
  const newest = anchors.at(-1)?.number ?? 0
  return anchors.filter(({ number }) => {
    const age = newest - number
    if (age < newestKept) return true
    return number % 2 ** Math.floor(Math.log2(age / newestKept) + 1) === 0
  })
}

/** One per line: number, sequence, hash, time. */
export const writeAnchors = (anchors: readonly Anchor[]): string =>
  anchors.map(({ number, sequence, hash, at }) => `${number} ${sequence} ${hash} ${at}\n`).join('')

const line = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{64}) (\S{1,40})$/

/** A line that is none is left out; whoever damaged one took an anchor away, as if they had deleted it. */
export function readAnchors(text: string): Anchor[] {
  return text.split('\n').flatMap((one) => {
    const [, number, sequence, hash, at] = line.exec(one) ?? []
    if (hash === undefined || at === undefined) return []
    return [{ number: Number(number), sequence: Number(sequence), hash, at }]
  })
}

/** Both of them, by number; where they say different things, what was said first. */
export function joinAnchors(known: readonly Anchor[], read: readonly Anchor[]): Anchor[] {
  const all = new Map(known.map((anchor) => [anchor.number, anchor]))
  for (const anchor of read) if (!all.has(anchor.number)) all.set(anchor.number, anchor)
  return [...all.values()].sort((a, b) => a.number - b.number)
}
