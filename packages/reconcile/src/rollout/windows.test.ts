import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { PlanSpec } from '@flotilla/model'
import { isOpen, isTimeZone, nextOpening } from './windows.ts'

type Times = Pick<PlanSpec, 'windows' | 'timeZone' | 'freezes'>
const at = (text: string): number => Date.parse(text)
const opens = (times: Times, from: string): string | undefined => {
  const next = nextOpening(times, at(from))
  return next === undefined ? undefined : new Date(next).toISOString()
}

describe('isOpen', () => {
  const shanghai: Times = { timeZone: 'Asia/Shanghai', windows: [{ days: ['Tue'], from: '09:00', to: '17:00' }] }
  const overnight: Times = { timeZone: 'UTC', windows: [{ days: ['Fri'], from: '22:00', to: '04:00' }] }
  const allDay: Times = { timeZone: 'UTC', windows: [{ days: ['Mon'], from: '00:00', to: '00:00' }] }
  const frozen: Times = {
    timeZone: 'UTC',
    windows: [{ from: '08:00', to: '18:00' }],
    freezes: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-03T00:00:00+01:00', reason: 'holidays' }],
  }
  const table: readonly (readonly [string, Times, string, boolean])[] = [
    ['without windows always', { timeZone: 'UTC' }, '2026-03-02T03:00:00Z', true],
    ['in the zone of the plan', shanghai, '2026-03-03T01:00:00Z', true],
    ['not yet in the zone of the plan', shanghai, '2026-03-03T00:59:59Z', false],
    ['no longer, at the minute at which it closes', shanghai, '2026-03-03T09:00:00Z', false],
    ['not on another day', shanghai, '2026-03-04T02:00:00Z', false],
    ['in the evening of a window over midnight', overnight, '2026-03-06T23:00:00Z', true],
    ['on the next morning', overnight, '2026-03-07T03:59:00Z', true],
    ['not in the morning of its own day', overnight, '2026-03-06T03:00:00Z', false],
    ['a whole day', allDay, '2026-03-02T23:59:00Z', true],
    ['not after the whole day', allDay, '2026-03-03T00:00:00Z', false],
    ['not in a freeze', frozen, '2026-12-24T10:00:00Z', false],
    ['again after the freeze, whose offset counts', frozen, '2027-01-02T23:30:00Z', false],
    ['in the first window after the freeze', frozen, '2027-01-03T09:00:00Z', true],
  ]
  for (const [name, times, time, open] of table) it(name, () => assert.equal(isOpen(times, at(time)), open))
})

describe('nextOpening', () => {
  const night = (from: string, to: string): Times => ({ timeZone: 'Europe/Berlin', windows: [{ from, to }] })
  const table: readonly (readonly [string, Times, string, string | undefined])[] = [
    ['is now while it is open', night('08:00', '18:00'), '2026-03-02T10:00:00.000Z', '2026-03-02T10:00:00.000Z'],
    ['is on the same day', night('08:00', '18:00'), '2026-03-02T03:00:00Z', '2026-03-02T07:00:00.000Z'],
    [
      'is after a week',
      { timeZone: 'UTC', windows: [{ days: ['Mon'], from: '08:00', to: '09:00' }] },
      '2026-03-02T09:00:00Z',
      '2026-03-09T08:00:00.000Z',
    ],
    [
      'is an hour earlier in UTC once clocks were put forward',
      night('08:00', '18:00'),
      '2026-03-29T03:00:00Z',
      '2026-03-29T06:00:00.000Z',
    ],
    [
      'is at the jump where the clock skips its beginning',
      night('02:30', '04:00'),
      '2026-03-28T22:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'is a day later where the clock skips all of it',
      night('02:15', '02:45'),
      '2026-03-28T22:00:00Z',
      '2026-03-30T00:15:00.000Z',
    ],
    [
      'is the first of two where the clock is put back',
      night('02:30', '02:45'),
      '2026-10-24T22:00:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'is the second of two after the first',
      night('02:30', '02:45'),
      '2026-10-25T00:45:00Z',
      '2026-10-25T01:30:00.000Z',
    ],
    ['is at the jump back into it', night('01:30', '02:30'), '2026-10-25T00:30:00Z', '2026-10-25T01:00:00.000Z'],
    [
      'is at the end of a freeze within a window',
      {
        ...night('08:00', '18:00'),
        freezes: [{ from: '2026-03-02T00:00:00Z', to: '2026-03-04T12:00:00Z', reason: 'fair' }],
      },
      '2026-03-02T10:00:00Z',
      '2026-03-04T12:00:00.000Z',
    ],
    [
      'is at the end of a freeze without windows',
      { timeZone: 'UTC', freezes: [{ from: '2026-03-02T00:00:00Z', to: '2026-03-04T12:00:00Z', reason: 'fair' }] },
      '2026-03-02T10:00:00Z',
      '2026-03-04T12:00:00.000Z',
    ],
    [
      'is never in an endless freeze',
      {
        timeZone: 'UTC',
        freezes: [{ from: '2026-03-02T00:00:00Z', to: '2999-01-01T00:00:00Z', reason: 'sold' }],
        windows: [{ from: '08:00', to: '09:00' }],
      },
      '2026-03-02T10:00:00Z',
      undefined,
    ],
  ]
  for (const [name, times, from, expected] of table) {
    it(name, () => {
      const next = opens(times, from)
      if (expected === undefined) assert.ok(next === undefined || next > '2999')
      else assert.equal(next, expected)
    })
  }

  it('takes what opens before the clock jumps on that day, not the jump', () => {
    const times: Times = {
      timeZone: 'Europe/Berlin',
      windows: [
        { from: '23:45', to: '23:50', days: ['Wed'] },
        { from: '01:00', to: '04:00', days: ['Sun'] },
      ],
    }
    const next = nextOpening(times, at('2026-03-28T20:00:00Z'))
    assert.equal(new Date(next ?? 0).toISOString(), '2026-03-29T00:00:00.000Z')
  })

  it('is open then, and at no quarter of an hour before', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
      .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`)
    const days = fc.uniqueArray(fc.constantFrom('Mon' as const, 'Wed' as const, 'Sun' as const), { minLength: 1 })
    const window = fc.record({ from: clock, to: clock, days: fc.option(days, { nil: undefined }) })
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Shanghai',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    )
    const quarters = fc.integer({ min: 0, max: 4 * 24 * 365 })
    fc.assert(
      fc.property(zone, fc.array(window, { minLength: 1, maxLength: 3 }), quarters, (timeZone, windows, quarter) => {
        const times: Times = { timeZone, windows }
        const from = at('2026-01-01T00:00:00Z') + quarter * 900_000
        const next = nextOpening(times, from)
        assert.ok(next !== undefined && next >= from && isOpen(times, next))
        for (let before = from; before < next; before += 900_000) assert.equal(isOpen(times, before), false)
      }),
      { numRuns: 100 },
    )
  })
})

describe('isTimeZone', () => {
  it('knows the names of the IANA list only', () => {
    for (const name of ['UTC', 'Europe/Berlin', 'Asia/Shanghai']) assert.equal(isTimeZone(name), true)
    for (const name of ['Berlin', 'Mars/Olympus', '']) assert.equal(isTimeZone(name), false)
  })
})
