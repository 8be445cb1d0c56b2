import { createHmac } from 'node:crypto'
import { asFlotillaError, type WebhookStep } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import { redactor } from '@flotilla/render'
import { readStepSecret } from './read-step-secret.ts'
import { holderOf, type StepContext, type StepDeps, type StepRunner } from './step-runner.ts'

/** What came of asking so far. Lost with the process: then it is asked at once, under the same key. */
interface Asking {
  readonly failures: number
  /** `Clock.elapsed` from which on it is asked again. */
  readonly next: number
  readonly sight: StepSight
}

const againMs = 10_000
const firstBackOffMs = 2_000
const longestBackOffMs = 60_000
const mostKept = 1_000
const longestQuote = 200

/**
 * Tells another system, by a POST, and takes its word for how the step ends. The same request may come more than once, after a kill or
 * while it answers 202: `Idempotency-Key` tells that it is the same.
 */
export function createWebhookRunner(deps: Pick<StepDeps, 'fleet' | 'fetch' | 'clock'>): StepRunner {
  const all = new Map<string, Asking>()
  const asking = new Map<string, Promise<StepSight>>()

  async function look(
    holder: string,
    webhook: WebhookStep,
    step: StepInHand,
    context: StepContext,
    signal: AbortSignal,
  ): Promise<StepSight> {
    const before = all.get(holder)
    const now = deps.clock.elapsed()
    if (before !== undefined && (before.sight.state !== 'running' || now < before.next)) return before.sight
    const answer = await ask(deps, webhook, step, context, signal)
    const failures = answer.how === 'unclear' ? (before?.failures ?? 0) + 1 : 0
    const wait = answer.how === 'unclear' ? Math.min(longestBackOffMs, firstBackOffMs * 2 ** (failures - 1)) : againMs
    const late = (deps.clock.now() - Date.parse(step.since)) / 1000 >= step.step.timeoutSeconds
    const sight = sightOf(late ? tooLate(answer, step) : answer, webhook, failures)
    all.delete(holder)
    all.set(holder, { failures, next: deps.clock.elapsed() + wait, sight })
    const [oldest] = all.keys()
    if (all.size > mostKept && oldest !== undefined) all.delete(oldest)
    return sight
  }

  return {
    // looking is asking: there is nothing to begin
    begin: async () => {},
    see: async (step, context, signal) => {
      const { webhook } = step.step
      if (webhook === undefined) return { state: 'failed', message: 'it tells nobody' }
      const holder = holderOf(step, context)
      const under = asking.get(holder)
      if (under !== undefined) return under
      const looking = look(holder, webhook, step, context, signal).finally(() => asking.delete(holder))
      asking.set(holder, looking)
      return looking
    },
    letGo: async (step, context) => {
      all.delete(holderOf(step, context))
    },
  }
}

type Answer =
  | { readonly how: 'good'; readonly text: string }
  | { readonly how: 'again'; readonly text: string }
  | { readonly how: 'bad'; readonly text: string }
  /** It could not be asked, or is ill: that says nothing about the step. */
  | { readonly how: 'unclear'; readonly text: string }

/** What is not clear when its time is up, has failed. */
const tooLate = (answer: Answer, { step }: StepInHand): Answer =>
  answer.how === 'again' || answer.how === 'unclear'
    ? { how: 'bad', text: `said nothing final within ${step.timeoutSeconds} s; last it was: ${answer.text}` }
    : answer

async function ask(
  { fleet, fetch }: Pick<StepDeps, 'fleet' | 'fetch'>,
  { url, secretName, status: wanted }: WebhookStep,
  step: StepInHand,
  context: StepContext,
  signal: AbortSignal,
): Promise<Answer> {
  const key = holderOf(step, context)
  const body = JSON.stringify(bodyOf(key, step, context))
  let token: string | undefined
  const clean = (text: string): string => redactor(token === undefined ? [] : [token])(text)
  try {
    if (secretName !== undefined)
      ({ token } = await readStepSecret(fleet.host, context.project.name, secretName, 'webhook.secretName', signal))
    if (secretName !== undefined && token === undefined)
      return { how: 'bad', text: `Secret ${secretName} of the project has no token` }
    const answer = await fetch(url, { method: 'POST', headers: headersOf(body, key, token), body, signal })
    const text = `answered ${answer.status}`
    if (wanted === undefined ? answer.ok && answer.status !== 202 : wanted.includes(answer.status))
      return { how: 'good', text }
    if (answer.status === 202) return { how: 'again', text }
    const said = clean(await answer.text())
      // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .trim()
    const quoted = said === '' ? text : `${text}: ${said.slice(0, longestQuote)}`
    const ill = answer.status >= 500 || answer.status === 429 || answer.status === 408
    return { how: ill ? 'unclear' : 'bad', text: quoted }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    return { how: error.next === 'retry' ? 'unclear' : 'bad', text: clean(error.message) }
  }
}

const bodyOf = (key: string, step: StepInHand, { rollout, release, application, project }: StepContext) => ({
  rollout: rollout.name,
  release: release.name,
  application: application.name,
  project: project.name,
  stage: step.ref.stage,
  step: step.ref.step,
  attempt: step.attempt,
  key,
  ...(step.ref.target === undefined ? {} : { target: step.ref.target }),
})

function headersOf(body: string, key: string, token: string | undefined): Record<string, string> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  if (token === undefined) return headers
  const signature = createHmac('sha256', token).update(body).digest('hex')
  return { ...headers, authorization: `Bearer ${token}`, 'x-flotilla-signature': `sha256=${signature}` }
}

function sightOf({ how, text }: Answer, { url }: WebhookStep, failures: number): StepSight {
  const { host } = new URL(url)
  switch (how) {
    case 'good':
      return { state: 'succeeded', evidence: [`${host} ${text}`] }
    case 'again':
      return { state: 'running', waitingFor: `${host}, which ${text}: it is asked again` }
    case 'bad':
      return { state: 'failed', message: `${host} ${text}` }
    case 'unclear':
      return { state: 'running', waitingFor: `${host}, asked ${failures} times: ${text}`.slice(0, 500) }
    default:
      return how satisfies never
  }
}
