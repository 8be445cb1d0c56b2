import { type AnalysisStep, asFlotillaError, FlotillaError } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import { redactor } from '@flotilla/render'
import { judgePrometheus, prometheusAddress, type Sample } from './query-prometheus.ts'
import { authorizationOf, readStepSecret, type StepSecret } from './read-step-secret.ts'
import { addSample, judgeSeries, readEvidence, type SampleSeries, writeEvidence } from './sample-series.ts'
import { holderOf, type StepContext, type StepDeps, type StepRunner } from './step-runner.ts'

const mostSeries = 1_000
const longestReason = 160

/**
 * Measures, each time it is looked at and the interval is over. The series is in memory and in the evidence that comes with each look:
 * it goes on from there after a restart, and no measurement is made twice for one that was recorded.
 */
export function createAnalysisRunner(deps: Pick<StepDeps, 'fleet' | 'fetch' | 'clock'>): StepRunner {
  const all = new Map<string, SampleSeries>()
  const measuring = new Map<string, Promise<StepSight>>()

  async function look(
    holder: string,
    analysis: AnalysisStep,
    context: StepContext,
    signal: AbortSignal,
  ): Promise<StepSight> {
    const series = all.get(holder) ?? readEvidence(context.evidence)
    const verdict = judgeSeries(series, analysis)
    if (verdict.over) return verdict.sight
    const seconds = series.at === undefined ? 0 : secondsUntil(series.at, analysis.intervalSeconds, deps.clock.now())
    if (seconds > 0) return running(series, analysis)
    const sample = await measure(deps, analysis, context, signal)
    const next = addSample(series, sample, new Date(deps.clock.now()).toISOString())
    all.set(holder, next)
    const [oldest] = all.keys()
    if (all.size > mostSeries && oldest !== undefined) all.delete(oldest)
    const after = judgeSeries(next, analysis)
    return after.over ? after.sight : running(next, analysis)
  }

  return {
    // looking is measuring: there is nothing to begin
    begin: async () => {},
    see: async (step, context, signal) => {
      const { analysis } = step.step
      if (analysis === undefined) return { state: 'failed', message: 'it measures nothing' }
      const holder = holderOf(step, context)
      const under = measuring.get(holder)
      if (under !== undefined) return under
      const looking = look(holder, analysis, context, signal).finally(() => measuring.delete(holder))
      measuring.set(holder, looking)
      return looking
    },
    letGo: async (step: StepInHand, context: StepContext) => {
      all.delete(holderOf(step, context))
    },
  }
}

/** A clock that was set back must not hold up the next measurement for longer than its interval. */
function secondsUntil(at: string, intervalSeconds: number, now: number): number {
  const passed = (now - Date.parse(at)) / 1000
  return passed < 0 ? 0 : intervalSeconds - passed
}

const running = (series: SampleSeries, analysis: AnalysisStep): StepSight => ({
  state: 'running',
  waitingFor: `measurement ${series.measured + 1} of ${analysis.samples}, one each ${analysis.intervalSeconds} s`,
  evidence: writeEvidence(series, analysis),
})

async function measure(
  { fleet, fetch }: Pick<StepDeps, 'fleet' | 'fetch'>,
  { prometheus, http, min, max }: AnalysisStep,
  { project }: StepContext,
  signal: AbortSignal,
): Promise<Sample> {
  let secret: StepSecret = {}
  const clean = (text: string): string =>
    redactor([secret.token, secret.password].filter((one) => one !== undefined))(text).slice(0, longestReason)
  try {
    if (http !== undefined) {
      const answer = await fetch(http.url, { signal })
      if (!http.status.includes(answer.status))
        return { good: false, text: `answered ${answer.status}, wanted ${http.status.join(' or ')}, not ok` }
      const { contains } = http
      if (contains !== undefined && !(await answer.text()).includes(contains))
        return { good: false, text: `answered ${answer.status} without the text that is wanted, not ok` }
      return { good: true, text: `answered ${answer.status} ok` }
    }
    if (prometheus === undefined) throw new FlotillaError('input.invalid', { message: 'nothing is measured' })
    const { credentialName, url, query } = prometheus
    if (credentialName !== undefined)
      secret = await readStepSecret(
        fleet.host,
        project.name,
        credentialName,
        'analysis.prometheus.credentialName',
        signal,
      )
    const authorization = credentialName === undefined ? {} : { authorization: authorizationOf(secret) }
    const answer = await fetch(prometheusAddress(url, query), {
      headers: { accept: 'application/json', ...authorization },
      signal,
    })
    const sample = judgePrometheus(answer.status, await answer.text(), { min, max })
    return { ...sample, text: clean(sample.text) }
  } catch (thrown) {
    signal.throwIfAborted()
    return { good: false, text: clean(asFlotillaError(thrown).message) }
  }
}
