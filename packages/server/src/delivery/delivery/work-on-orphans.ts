import { asFlotillaError, type FlotillaError, type Next, retry, settled, waiting } from '@flotilla/model'
import { recordFinding } from '../../fleet/record-finding.ts'
import type { Workbench } from './deps.ts'
import { DeliveryMemory } from './delivery-memory.ts'
import { forgetOrphan, listOrphans, type Orphan } from './orphans.ts'
import { finishHook } from './run-hook.ts'
import { sweepOrphan } from './sweep-orphan.ts'

const retrySweepSeconds = 30

/** What removed Deliveries left behind in a cluster that is back, or let go of before they saw it. */
export async function workOnOrphans(
  bench: Pick<Workbench, 'deps' | 'owners' | 'counters'>,
  cluster: string,
  signal: AbortSignal,
): Promise<Next> {
  const { deps } = bench
  const { host } = deps.fleet
  if (deps.fleet.get(cluster)?.connection.state !== 'connected') return settled
  let failed = ''
  for (const orphan of await listOrphans(host, cluster, deps.log, signal)) {
    const { delivery, policy } = orphan
    const client = deps.fleet.deliveryClient(cluster, delivery.spec.project.uid)
    if (!client.known) return retry(client.reason)
    try {
      const memory = new DeliveryMemory()
      await sweepOrphan({ ...bench, delivery, memory, client: client.value, signal }, orphan)
      await forgetOrphan(host, orphan, signal)
      deps.log.info('orphan swept', { cluster, application: delivery.spec.application.name, policy })
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      if (await isOver(bench, orphan, error, signal)) await forgetOrphan(host, orphan, signal)
      else failed = error.message
    }
  }
  return failed === '' ? settled : waiting(retrySweepSeconds, failed)
}

/** Nobody may sweep there any more: what is to be kept is kept as it is, and with its namespace everything went. */
async function isOver(
  bench: Pick<Workbench, 'deps' | 'owners' | 'counters'>,
  { delivery, policy, hook }: Orphan,
  error: FlotillaError,
  signal: AbortSignal,
): Promise<boolean> {
  if (error.code !== 'kube.forbidden') return false
  const { deps } = bench
  const { metadata, spec } = delivery
  const { cluster, namespace } = spec.target
  const platform = deps.fleet.client(cluster)
  if (!platform.known) return false
  const found = await platform.value.find({ group: '', version: 'v1', kind: 'Namespace', name: namespace }, { signal })
  if (found === undefined) return true
  if (hook !== undefined && (policy === 'Keep' || found.metadata.deletionTimestamp !== undefined)) {
    const memory = new DeliveryMemory()
    await finishHook({ ...bench, delivery, memory, client: platform.value, signal }, hook, false)
  }
  if (policy === 'Delete') return false
  const message = `${spec.application.name} was removed and its objects in ${cluster}/${namespace} kept; they still carry the labels of Flotilla, and the ConfigMap of what was brought is still there: ${error.message}`
  const finding = {
    key: `kept/${metadata.uid ?? ''}`,
    reason: 'LeftBehind',
    message,
    at: new Date(deps.clock.now()).toISOString(),
  }
  await recordFinding(deps.fleet.host, deps.log, finding, signal)
  return true
}
