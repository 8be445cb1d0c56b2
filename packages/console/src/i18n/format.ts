/** Numbers and times as the reader writes them. Pure: the language, the zone and "now" are given. */
export interface Format {
  readonly number: (value: number) => string
  /** 1,536 MiB is `1.5 GiB`. */
  readonly bytes: (value: number) => string
  /** Thousandths of a core as cores: 2500 is `2.5`. */
  readonly cores: (millis: number) => string
  readonly percent: (ratio: number) => string
  /** `4 min`, `2 h 10 min`, `3 d 4 h`: at most two units. */
  readonly duration: (ms: number) => string
  /** How long ago: `4 min ago`. */
  readonly ago: (time: string, now: number) => string
  /** Date and time, to the second. */
  readonly dateTime: (time: string) => string
  /** Time of day to the second; with the date when it is not today. */
  readonly time: (time: string, now: number) => string
  /** Time of day to the millisecond, for log lines. */
  readonly clock: (time: string) => string
  readonly list: (words: readonly string[]) => string
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** Times closer than this are told as now. */
const sameMoment = 6000

/** How many of a unit. */
export type SpanPart = readonly [unit: (typeof units)[number][0], count: number]

/** The two largest units of a span: [['hour', 2], ['minute', 10]]. */
export function spanParts(ms: number): readonly [SpanPart, ...SpanPart[]] {
  let rest = Math.max(0, ms)
  const parts: SpanPart[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push([unit, count])
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  const [first = ['second', 0] as const, second] = parts
  // seconds say nothing beside many minutes
  if (second === undefined || (first[0] === 'minute' && first[1] >= 2)) return [first]
  return [first, second]
}

export function createFormat(language: string, zone: 'local' | 'utc'): Format {
  const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {}
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 })
  const day = new Intl.DateTimeFormat(language, { ...timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const clock = new Intl.DateTimeFormat(language, { ...timeZone, timeStyle: 'medium', hourCycle: 'h23' })
  const full = new Intl.DateTimeFormat(language, {
    ...timeZone,
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' })
  const momentary = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  const list = new Intl.ListFormat(language, { type: 'conjunction' })
  const unit = (name: string, value: number) =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)

  const zoneMark = zone === 'utc' ? ' UTC' : ''
  return {
    number: (value) => number.format(value),
    bytes(value) {
      const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
      let size = value
      let step = 0
      for (; size >= 1024 && step < names.length - 1; step++) size /= 1024
      return `${number.format(size)} ${names[step] ?? ''}`
    },
    cores: (millis) => number.format(millis / 1000),
    percent: (ratio) => percent.format(ratio),
    duration: (ms) =>
      spanParts(ms)
        .map(([name, value]) => unit(name, value))
        .join(' '),
    ago(time, now) {
      const ms = now - Date.parse(time)
      // the clock of a page moves in steps, and is not the server's
      if (Math.abs(ms) < sameMoment) return momentary.format(0, 'second')
      const [[name, value]] = spanParts(Math.abs(ms))
      // English shortens with a dot, which says nothing
      return relative.format(ms < 0 ? value : -value, name).replace('.', '')
    },
    dateTime: (time) => full.format(new Date(time)) + zoneMark,
    time(time, now) {
      const date = new Date(time)
      const today = day.format(date) === day.format(new Date(now))
      return (today ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`) + zoneMark
    },
    clock(time) {
      const date = new Date(time)
      return `${clock.format(date)}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`
    },
    // 和 without spaces runs into names in Latin letters
    list: (words) => (language.startsWith('zh') ? words.join('、') : list.format(words)),
  }
}
