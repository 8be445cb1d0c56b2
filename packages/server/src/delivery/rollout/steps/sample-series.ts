import type { AnalysisStep } from '@flotilla/model'
import type { StepSight } from '@flotilla/reconcile'
import type { Sample } from './query-prometheus.ts'

/** Measurements of one step so far. Written as the lines of its record, and read from them after a restart. */
export interface SampleSeries {
  readonly measured: number
  readonly bad: number
  /** RFC 3339, UTC; of the last measurement. */
  readonly at: string | undefined
  /** The newest ones as text. */
  readonly lines: readonly string[]
}

export const emptySeries: SampleSeries = { measured: 0, bad: 0, at: undefined, lines: [] }

/** A record holds 20 lines, of which the first has the counts. */
const mostLines = 19
const longestLine = 256
const head = /^(\d+) of \d+ measured, (\d+) not ok, last (\S+)$/

export function addSample({ measured, bad, lines }: SampleSeries, { good, text }: Sample, at: string): SampleSeries {
  const line = `${at.slice(11, 19)} ${text}`.slice(0, longestLine)
  return {
    measured: measured + 1,
    bad: bad + (good ? 0 : 1),
    at,
    lines: [...lines, line].slice(-mostLines),
  }
}

export function writeEvidence(series: SampleSeries, { samples }: Pick<AnalysisStep, 'samples'>): string[] {
  if (series.at === undefined) return []
  return [`${series.measured} of ${samples} measured, ${series.bad} not ok, last ${series.at}`, ...series.lines]
}

/** What does not read is as if nothing had been measured. */
export function readEvidence(evidence: readonly string[] | undefined): SampleSeries {
  const [first = '', ...lines] = evidence ?? []
  const [, measured, bad, at] = head.exec(first) ?? []
  if (at === undefined || Number.isNaN(Date.parse(at))) return emptySeries
  return { measured: Number(measured), bad: Number(bad), at, lines }
}

export type SeriesVerdict = { readonly over: true; readonly sight: StepSight } | { readonly over: false }

/** It is over when more failed than may, at once, or when all are made. */
export function judgeSeries(series: SampleSeries, step: AnalysisStep): SeriesVerdict {
  const evidence = writeEvidence(series, step)
  if (series.bad > step.allowedFailures) {
    const message = `${series.bad} of ${series.measured} measurements were not good, ${step.allowedFailures} may be: ${series.lines.at(-1) ?? ''}`
    return { over: true, sight: { state: 'failed', message, evidence } }
  }
  if (series.measured < step.samples) return { over: false }
  return { over: true, sight: { state: 'succeeded', evidence } }
}
