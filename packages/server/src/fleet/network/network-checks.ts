import type { Log } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import { asFlotillaError, isRecord, type Known, type KubeObject, systemNamespace } from '@flotilla/model'
import type { NetworkCheckRun, NetworkVerdict } from '@flotilla/reconcile'
import { agentName } from '../agents/join-manifest.ts'
import { version } from '../../version.ts'
import { measureNetwork } from './measure-network.ts'

/** Measurements of this process, at most one per cluster. */
export interface NetworkChecks {
  run(cluster: string): NetworkCheckRun
  /** Begins one, unless one is running there, or too many are elsewhere. */
  start(cluster: string, about: { readonly seen: string; readonly request: string | undefined }): void
  /** Ends the one that runs there, and waits until it has put away what it made. */
  stop(cluster: string): Promise<void>
  /** What was measured in a cluster that is no more: another one may get its name. */
  forget(cluster: string): void
  /** Ends all, and waits until they have put away what they made. */
  close(): Promise<void>
}

export interface NetworkChecksOptions {
  readonly client: (cluster: string) => Known<KubeClient>
  /** What pods run; the image of the cluster's agent where it is not set, or of agents that would come. */
  readonly image: string | undefined
  readonly agentImage: string | undefined
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly onEnd: (cluster: string) => void
}

/** A measurement costs its cluster four pods, and this process a request or two each half second. */
const atOnce = 4

interface Running {
  readonly stop: AbortController
  readonly over: Promise<void>
}

export function createNetworkChecks(options: NetworkChecksOptions): NetworkChecks {
  const { clock, log, signal } = options
  const running = new Map<string, Running>()
  const ended = new Map<string, NetworkCheckRun>()
  let closed = false

  async function measure(cluster: string, until: AbortSignal): Promise<NetworkVerdict> {
    const client = options.client(cluster)
    if (!client.known) return { state: 'Unknown', message: client.reason }
    try {
      const image = options.image ?? (await agentImageIn(client.value, until)) ?? options.agentImage
      return await measureNetwork({
        client: client.value,
        image: image ?? `flotilla/agent:${version}`,
        clock,
        signal: until,
      })
    } catch (thrown) {
      const { message, remedy } = asFlotillaError(thrown)
      return {
        state: 'Unknown',
        message: `It could not be measured: ${message}${remedy === undefined ? '' : `. ${remedy}`}`,
      }
    }
  }

  return {
    run: (cluster) => (running.has(cluster) ? { state: 'running' } : (ended.get(cluster) ?? { state: 'idle' })),
    start: (cluster, { seen, request }) => {
      if (closed || signal.aborted || running.has(cluster) || running.size >= atOnce) return
      const stop = new AbortController()
      const until = AbortSignal.any([signal, stop.signal])
      const began = clock.elapsed()
      const work = async (): Promise<void> => {
        const verdict = await measure(cluster, until)
        running.delete(cluster)
        if (until.aborted) return
        const checkedAt = new Date(clock.now()).toISOString()
        const result = { ...verdict, checkedAt, seen, ...(request === undefined ? {} : { request }) }
        ended.set(cluster, { state: 'ended', result })
        const ms = Math.round(clock.elapsed() - began)
        log.info('network policy measured', { cluster, state: verdict.state, message: verdict.message, ms })
        options.onEnd(cluster)
      }
      running.set(cluster, { stop, over: work() })
    },
    stop: async (cluster) => {
      const one = running.get(cluster)
      one?.stop.abort(new Error('the cluster leaves the fleet'))
      await one?.over
    },
    forget: (cluster) => {
      running.get(cluster)?.stop.abort(new Error('the cluster left the fleet'))
      ended.delete(cluster)
    },
    close: async () => {
      closed = true
      for (const { stop } of running.values()) stop.abort(new Error('the server stops'))
      await Promise.all([...running.values()].map(({ over }) => over))
    },
  }
}

/** Of the agent that connects the cluster: an image that is there. */
async function agentImageIn(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  const key = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: systemNamespace, name: agentName }
  return firstImage(await client.find(key, { signal }))
}

function firstImage(deployment: KubeObject | undefined): string | undefined {
  const spec = deployment?.['spec']
  const template = isRecord(spec) ? spec['template'] : undefined
  const pod = isRecord(template) ? template['spec'] : undefined
  const containers: unknown = isRecord(pod) ? pod['containers'] : undefined
  const first: unknown = Array.isArray(containers) ? containers[0] : undefined
  const image = isRecord(first) ? first['image'] : undefined
  return typeof image === 'string' ? image : undefined
}
