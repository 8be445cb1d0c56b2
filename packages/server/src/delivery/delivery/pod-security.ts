import type { KubeClient } from '@flotilla/kube'
import { labels, type ObjectRef, refText } from '@flotilla/model'
import type { ObjectFailure } from '@flotilla/reconcile'

/** As Pod Security says it of a pod template: `would violate PodSecurity "baseline:latest": privileged (container ...)`. */
const violation = /^would violate PodSecurity "(\w+):[^"]*": (.*)$/s
/** And of a Pod itself, which it refuses: `pods "x" is forbidden: violates PodSecurity "baseline:latest": ...`. */
const refusal = /violates PodSecurity "(\w+):[^"]*": (.*)$/s

const longestText = 1_000

export const podSecurityRemedy =
  'Take these fields out of the pod, or ask a platform administrator to set spec.podSecurity of the project'

/**
 * What Pod Security has against an object, from the warnings that came with its dry-run. Kubernetes takes a Deployment
 * and refuses its pods one by one, later and out of sight; here it is said before anything is written. A namespace that
 * only warns of a level, and enforces another, is not refused.
 */
export async function findPodSecurityFailure(
  client: Pick<KubeClient, 'find'>,
  ref: ObjectRef,
  warnings: readonly string[],
  signal: AbortSignal,
): Promise<ObjectFailure | undefined> {
  for (const warning of warnings) {
    const [, level, what = ''] = violation.exec(warning) ?? []
    if (level === undefined) continue
    const key = { group: '', version: 'v1', kind: 'Namespace', name: ref.namespace }
    const namespace = await client.find(key, { signal })
    if (namespace?.metadata.labels?.[labels.podSecurityEnforce] !== level) continue
    return refused(ref, level, what)
  }
  return undefined
}

/** The same for the API server's refusal of a Pod. */
export function asPodSecurityFailure(ref: ObjectRef, message: string): ObjectFailure | undefined {
  const [, level, what = ''] = refusal.exec(message) ?? []
  return level === undefined ? undefined : refused(ref, level, what)
}

const refused = (ref: ObjectRef, level: string, what: string): ObjectFailure => ({
  ref,
  code: 'delivery.object_refused',
  message: `${refText(ref)}: namespace ${ref.namespace} is held to the Pod Security level ${level}, which does not allow ${what.slice(0, longestText)}`,
  remedy: podSecurityRemedy,
})
