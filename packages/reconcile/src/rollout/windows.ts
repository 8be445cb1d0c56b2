import type { FreezePeriod, PlanSpec, Window } from '@flotilla/model'
import { type May, mayBegin, mayNot, type Run } from './run.ts'

type Times = Pick<PlanSpec, 'windows' | 'timeZone' | 'freezes'>

const minute = 60_000
const day = 24 * 60 * minute
/** A little more than a year: what does not open by then never does. */
const mostDays = 400

/** Whether targets of this run may begin now. A rollback waits for no window. */
export function computeOpen({ document, now }: Run): May {
  if (document.action === 'Rollback') return mayBegin
  const at = Date.parse(now)
  if (isOpen(document.plan, at)) return mayBegin
  const next = nextOpening(document.plan, at)
  const freeze = freezeAt(document.plan.freezes, at)
  const when = next === undefined ? 'which never opens' : `which opens at ${new Date(next).toISOString()}`
  return mayNot(
    freeze === undefined
      ? `its window, ${when}`
      : `the end of a freeze (${freeze.reason}); its window ${when.slice(6)}`,
  )
}

/** Whether a target may begin at this time (milliseconds since 1970). */
export function isOpen(times: Times, at: number): boolean {
  if (freezeAt(times.freezes, at) !== undefined) return false
  const { windows, timeZone } = times
  if (windows === undefined || windows.length === 0) return true
  const wall = wallClock(at, timeZone)
  return windows.some((window) => isWithin(window, wall))
}

const freezeAt = (freezes: readonly FreezePeriod[] | undefined, at: number): FreezePeriod | undefined =>
  freezes?.find(({ from, to }) => Date.parse(from) <= at && at < Date.parse(to))

/** The first time from `at` on when it is open; undefined when it is not within a year. */
export function nextOpening(times: Times, at: number): number | undefined {
  if (isOpen(times, at)) return at
  const ends = (times.freezes ?? []).map(({ to }) => Date.parse(to)).filter((end) => end > at)
  const opens = (candidates: readonly number[]): number | undefined =>
    candidates
      .filter((candidate) => candidate > at)
      .sort((a, b) => a - b)
      .find((candidate) => isOpen(times, candidate))
  const { windows = [], timeZone } = times
  const afterFreeze = opens(ends)
  if (windows.length === 0) return afterFreeze
  const today = startOfDay(at, timeZone)
  const candidatesOf = (midnight: number): number[] =>
    windows.flatMap(({ from }) => instantsOf(midnight + minutesOf(from) * minute, timeZone))
  // a jump of the clock is named by the days beside its own, too: of three days, those count that are of the middle one
  let [before, own] = [candidatesOf(today - day), candidatesOf(today)]
  for (let count = 0; count < mostDays; count++) {
    const midnight = today + count * day
    const after = candidatesOf(midnight + day)
    const found = opens([...before, ...own, ...after].filter((one) => startOfDay(one, timeZone) === midnight))
    if (found !== undefined) return afterFreeze === undefined ? found : Math.min(found, afterFreeze)
    if (afterFreeze !== undefined && afterFreeze < at + (count - 1) * day) return afterFreeze
    before = own
    own = after
  }
  return afterFreeze
}

export function isTimeZone(name: string): boolean {
  try {
    return formatterOf(name) !== undefined
  } catch {
    return false
  }
}

interface WallClock {
  readonly weekday: string
  /** Minutes since midnight. */
  readonly minutes: number
  /** The same clock read as if it were UTC, in milliseconds. */
  readonly asUtc: number
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function isWithin({ days, from, to }: Window, { weekday, minutes }: WallClock): boolean {
  const start = minutesOf(from)
  const end = minutesOf(to)
  const yesterday = weekdays[(weekdays.indexOf(weekday) + 6) % 7] ?? ''
  const on = (name: string): boolean => days === undefined || days.some((one) => one === name)
  if (start < end) return on(weekday) && start <= minutes && minutes < end
  // over midnight; the same time twice is a whole day
  return (on(weekday) && minutes >= start) || (on(yesterday) && minutes < end)
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** Building one costs a hundred times what using it does. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const there = formatters.get(timeZone)
  if (there !== undefined) return there
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formatters.set(timeZone, made)
  return made
}

function wallClock(at: number, timeZone: string): WallClock {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const [year, month, date, hour, min, second] = [
    number('year'),
    number('month'),
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  ]
  return {
    weekday: parts.get('weekday') ?? '',
    minutes: hour * 60 + min,
    asUtc: Date.UTC(year, month - 1, date, hour, min, second),
  }
}

/** Midnight of the clock on the wall, read as if it were UTC. */
function startOfDay(at: number, timeZone: string): number {
  const { asUtc } = wallClock(at, timeZone)
  return asUtc - (((asUtc % day) + day) % day)
}

const offsetAt = (at: number, timeZone: string): number => wallClock(at, timeZone).asUtc - Math.floor(at / 1000) * 1000

/** When a clock on the wall shows this time: once, twice when it is put back. On such a day also the jump itself. */
function instantsOf(wall: number, timeZone: string): number[] {
  const before = offsetAt(wall - day, timeZone)
  const after = offsetAt(wall + day, timeZone)
  if (before === after) return [wall - before]
  const shown = [wall - before, wall - after].filter((at) => wallClock(at, timeZone).asUtc === wall)
  return [...shown, jumpBetween(wall - day, wall + day, timeZone)]
}

function jumpBetween(from: number, to: number, timeZone: string): number {
  const before = offsetAt(from, timeZone)
  let [low, high] = [from, to]
  // halves two days down to a second
  for (let count = 0; count < 40 && high - low > 1000; count++) {
    const middle = Math.floor((low + high) / 2000) * 1000
    if (offsetAt(middle, timeZone) === before) low = middle
    else high = middle
  }
  return high
}
