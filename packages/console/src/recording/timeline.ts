import type { AsciicastEvent, AsciicastHeader, AsciicastLine } from '@flotilla/api'

/** A recording on the time of who watches it. */
export interface Timeline {
  readonly header: AsciicastHeader
  readonly events: readonly AsciicastEvent[]
  /** When each event is shown, in seconds; never falling. */
  readonly times: readonly number[]
  readonly seconds: number
}

/** Nobody watches how nothing happens: pauses are at most so long. */
const longestPause = 2

export function readTimeline(lines: readonly AsciicastLine[]): Timeline | undefined {
  const [header, ...rest] = lines
  if (header === undefined || isEvent(header)) return undefined
  const events = rest.filter(isEvent)
  const times: number[] = []
  let before = 0
  let now = 0
  for (const [at] of events) {
    now += Math.min(longestPause, Math.max(0, at - before))
    before = Math.max(before, at)
    times.push(now)
  }
  return { header, events, times, seconds: now }
}

/** How many events are over at a time. */
export function passedAt({ times }: Timeline, seconds: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) <= seconds) low = middle + 1
    else high = middle
  }
  return low
}

/** What a screen has to do for some events: text that belongs together at once, sizes in between. */
export type Step =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'size'; readonly columns: number; readonly rows: number }

export function stepsOf(events: readonly AsciicastEvent[]): Step[] {
  const steps: Step[] = []
  for (const [, code, text] of events) {
    const last = steps.at(-1)
    // what was typed is shown by the shell itself
    if (code === 'i') continue
    if (code === 'r') {
      const size = readSize(text)
      if (size !== undefined) steps.push({ kind: 'size', ...size })
      continue
    }
    const shown = code === 'm' ? `\r\n\u001b[2m— ${text} —\u001b[0m\r\n` : text
    if (last?.kind === 'text') steps[steps.length - 1] = { kind: 'text', text: last.text + shown }
    else steps.push({ kind: 'text', text: shown })
  }
  return steps
}

const widest = 500

function readSize(text: string): { columns: number; rows: number } | undefined {
  const [, columns, rows] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? []
  if (columns === undefined || rows === undefined) return undefined
  const within = (number: string): number => Math.min(widest, Math.max(1, Number(number)))
  return { columns: within(columns), rows: within(rows) }
}

const isEvent = (line: AsciicastLine): line is AsciicastEvent => Array.isArray(line)

/** Minutes and seconds. */
export const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
