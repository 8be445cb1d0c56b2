import { Buffer } from 'node:buffer'
import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type KubeObject } from '@flotilla/model'
import { readList, readText } from '@flotilla/reconcile'

export interface Telling {
  /** Takes out what must not be shown. */
  readonly clean: (text: string) => string
  /** False: it is not known what must not be shown, and what was written is left out. */
  readonly withLog: boolean
}

/** Pods of a Job, the newest first; a Pod is its own. */
export async function podsOf(client: KubeClient, run: KubeObject, signal: AbortSignal): Promise<readonly KubeObject[]> {
  if (run.kind === 'Pod') return [run]
  const { items } = await client.list(
    { group: '', version: 'v1', kind: 'Pod' },
    {
      namespace: run.metadata.namespace,
      labelSelector: `batch.kubernetes.io/job-name=${run.metadata.name}`,
      maxItems: 200,
      signal,
    },
  )
  const created = (pod: KubeObject): string => pod.metadata.creationTimestamp ?? ''
  return items.sort((a, b) => (created(a) < created(b) ? 1 : -1))
}

const tailLines = 15
const mostTailBytes = 4 * 1024
const longestTail = 1500

/** The last lines of a pod, to be shown beside what failed. */
export async function logTail(
  client: KubeClient,
  pod: KubeObject,
  { clean, withLog }: Telling,
  signal: AbortSignal,
): Promise<string> {
  if (!withLog) return 'what it wrote last is left out: the server began anew and no longer knows which of it is secret'
  const { namespace = '', name } = pod.metadata
  const options = { tailLines, limitBytes: mostTailBytes, timeoutMs: 5_000, signal }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of await client.logs({ namespace, name }, options)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > mostTailBytes) break
  }
  const text = Buffer.concat(chunks).toString('utf8')
  // one half of a secret is not known for one: the line that the limit cut is left out, and the rest is cleaned first
  const whole = length < mostTailBytes ? text : text.slice(0, text.lastIndexOf('\n') + 1)
  return withoutEscapes(clean(whole)).trim().slice(-longestTail)
}

const mostLogBytes = 1024 * 1024
const mostContainers = 20
/**
 * For all that is read before one thing goes on: a log is kept before a run is let go of, and a node that says nothing must not use up
 * the time in which that is to be done.
 */
const logMs = 8_000
export const timeForLogs = (): AbortSignal => AbortSignal.timeout(logMs)

/** The end of what all containers of a pod wrote, at most a MiB of each, from the beginning of a line. */
export async function readPodLog(
  client: KubeClient,
  pod: KubeObject,
  { clean, withLog }: Telling,
  signal: AbortSignal,
  within = timeForLogs(),
): Promise<string> {
  if (!withLog) return '[Flotilla left the log out: it no longer knows which of it is secret]\n'
  const containers = ['initContainers', 'containers'].flatMap((field) =>
    readList(pod, 'spec', field).flatMap((container) => readText(container, 'name') ?? []),
  )
  const parts: string[] = []
  for (const container of containers.slice(0, mostContainers)) {
    const text = withoutEscapes(clean(await readContainerLog(client, pod, container, signal, within)))
    parts.push(containers.length === 1 ? text : `[${container}]\n${text}`)
  }
  return parts.join('\n')
}

async function readContainerLog(
  client: KubeClient,
  { metadata: { namespace = '', name } }: KubeObject,
  container: string,
  signal: AbortSignal,
  within: AbortSignal,
): Promise<string> {
  const limit = AbortSignal.any([signal, within])
  const chunks: Uint8Array[] = []
  let length = 0
  let dropped = false
  try {
    limit.throwIfAborted()
    const stream = await client.logs({ namespace, name }, { container, timeoutMs: logMs, signal: limit })
    for await (const chunk of stream) {
      limit.throwIfAborted()
      chunks.push(chunk)
      length += chunk.length
      while (length - (chunks[0]?.length ?? 0) > mostLogBytes) {
        length -= chunks.shift()?.length ?? 0
        dropped = true
      }
    }
  } catch (thrown) {
    signal.throwIfAborted()
    const why = within.aborted ? 'its node did not answer in time' : asFlotillaError(thrown).message
    return `[Flotilla could not read this log: ${why}]\n`
  }
  const text = Buffer.concat(chunks).toString('utf8')
  // the first line may be half of one, and half of a secret is not known for one
  return dropped ? `[Flotilla dropped what came before]\n${text.slice(text.indexOf('\n') + 1)}` : text
}

/** Terminal escapes are shown to nobody; lines stay lines. */
function withoutEscapes(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ')
}
