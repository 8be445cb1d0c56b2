import { createHash } from 'node:crypto'
import type { KubeClient } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import { asFlotillaError, systemNamespace } from '@flotilla/model'

/** Writes down what a person should find later, as an Event in the platform's namespace and in the log. The same key, the same Event. */
export async function recordFinding(
  host: KubeClient,
  log: Log,
  finding: { readonly key: string; readonly reason: string; readonly message: string; readonly at: string },
  signal: AbortSignal,
): Promise<void> {
  log.warn('left behind', { reason: finding.reason, message: finding.message })
  const name = `finding.${createHash('sha256').update(finding.key).digest('hex').slice(0, 32)}`
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: systemNamespace },
    involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: systemNamespace, namespace: systemNamespace },
    type: 'Warning',
    reason: finding.reason,
    message: finding.message.slice(0, 1024),
    source: { component: 'flotilla' },
    firstTimestamp: finding.at,
    lastTimestamp: finding.at,
    count: 1,
  }
  try {
    await host.create(event, { signal })
  } catch (thrown) {
    // written before, by a pass that did not come to its end
    if (asFlotillaError(thrown).code !== 'kube.conflict') throw thrown
  }
}
