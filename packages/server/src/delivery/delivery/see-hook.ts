import { Buffer } from 'node:buffer'
import type { KubeClient } from '@flotilla/kube'
import { type HookInHand, type KubeObject, isRecord } from '@flotilla/model'
import { computeHealth, hookRunAnnotation, isAwaited, type HookSight } from '@flotilla/reconcile'

export interface Telling {
  /** Takes out what must not be shown. */
  readonly clean: (text: string) => string
  /** False: it is not known what must not be shown, and what the hook wrote is left out. */
  readonly withLog: boolean
  readonly signal: AbortSignal
}

/** What the object of a hook in hand says now. */
export async function seeHook(client: KubeClient, hook: HookInHand, telling: Telling): Promise<HookSight> {
  const object = await client.find(hook, { signal: telling.signal })
  if (object === undefined) return { state: 'absent' }
  if (object.metadata.annotations?.[hookRunAnnotation] !== hook.key) return { state: 'other' }
  if (!isAwaited(object)) return { state: 'succeeded' }
  const outcome = hook.kind === 'Pod' ? podOutcome(object) : jobOutcome(object)
  if (outcome === 'failed') return { state: 'failed', message: await explainFailure(client, object, telling) }
  if (outcome === 'running' && object.metadata.deletionTimestamp !== undefined) {
    return { state: 'failed', message: 'it was deleted while it ran' }
  }
  return { state: outcome }
}

type Outcome = 'running' | 'succeeded' | 'failed'

function podOutcome({ status }: KubeObject): Outcome {
  const phase = isRecord(status) ? status['phase'] : undefined
  return phase === 'Succeeded' ? 'succeeded' : phase === 'Failed' ? 'failed' : 'running'
}

/** As Helm: done when the Job controller says Complete or Failed, not before. */
function jobOutcome({ status }: KubeObject): Outcome {
  const conditions = isRecord(status) && Array.isArray(status['conditions']) ? status['conditions'] : []
  const isTrue = (type: string): boolean =>
    conditions.some(
      (condition: unknown) => isRecord(condition) && condition['type'] === type && condition['status'] === 'True',
    )
  return isTrue('Complete') ? 'succeeded' : isTrue('Failed') ? 'failed' : 'running'
}

const tailLines = 15
const mostLogBytes = 4 * 1024
const longestReason = 400

/** Exit code and last lines of the pod that failed last: what a person would look for first. */
async function explainFailure(client: KubeClient, hook: KubeObject, telling: Telling): Promise<string> {
  const { clean, signal } = telling
  const why = hook.kind === 'Job' ? clean(computeHealth(hook).message) : ''
  try {
    const pod = hook.kind === 'Pod' ? hook : await lastPod(client, hook, signal)
    if (pod === undefined) return why
    const parts = [why, clean(exitText(pod)), await logTail(client, pod, telling)]
    return parts.filter((part) => part !== '').join('\n')
  } catch {
    signal.throwIfAborted()
    return why === '' ? 'its pod could not be read' : why
  }
}

async function lastPod(client: KubeClient, job: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
  const { items } = await client.list(
    { group: '', version: 'v1', kind: 'Pod' },
    {
      namespace: job.metadata.namespace,
      labelSelector: `batch.kubernetes.io/job-name=${job.metadata.name}`,
      maxItems: 200,
      signal,
    },
  )
  const failed = items.filter((pod) => podOutcome(pod) === 'failed')
  const created = (pod: KubeObject): string => pod.metadata.creationTimestamp ?? ''
  return failed.sort((a, b) => (created(a) < created(b) ? 1 : -1))[0] ?? items[0]
}

function exitText({ status }: KubeObject): string {
  const statuses = isRecord(status)
    ? [status['initContainerStatuses'], status['containerStatuses']].flatMap((list): unknown[] =>
        Array.isArray(list) ? list : [],
      )
    : []
  for (const container of statuses) {
    if (!isRecord(container) || !isRecord(container['state'])) continue
    const { terminated } = container['state']
    if (!isRecord(terminated) || terminated['exitCode'] === 0) continue
    const reason = typeof terminated['reason'] === 'string' ? terminated['reason'].slice(0, longestReason) : 'Error'
    return `container ${String(container['name'])} ended with exit code ${String(terminated['exitCode'])} (${reason})`
  }
  return ''
}

async function logTail(client: KubeClient, pod: KubeObject, { clean, withLog, signal }: Telling): Promise<string> {
  if (!withLog) return 'what it wrote last is left out: the server began anew and no longer knows which of it is secret'
  const { namespace = '', name } = pod.metadata
  const stream = await client.logs(
    { namespace, name },
    { tailLines, limitBytes: mostLogBytes, timeoutMs: 5_000, signal },
  )
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    length += chunk.length
    if (length > mostLogBytes) break
  }
  const text = Buffer.concat(chunks).toString('utf8')
  // one half of a secret is not known for one: the line that the limit cut is left out, and the rest is cleaned first
  const whole = length < mostLogBytes ? text : text.slice(0, text.lastIndexOf('\n') + 1)
  return withoutEscapes(clean(whole)).trim().slice(-longestTail)
}

const longestTail = 1500

/** Terminal escapes are shown to nobody; lines stay lines. */
function withoutEscapes(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ')
}
