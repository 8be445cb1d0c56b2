import { type ReachableCluster } from '@flotilla/api'
import { kubernetesPath } from '@flotilla/api/contract'
import { projectNamespace } from '@flotilla/model'
import { computeReach } from '../kubernetes/reach.ts'
import type { KubeTokens } from '../kubernetes/kube-token.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { compareText } from '../page-of.ts'
import { ownServerName } from '../tls/own-certificate.ts'

/** What kubectl needs to reach clusters through this server. */
export function kubernetesHandlers({ deps, visibility }: Services, tokens: KubeTokens): SomeHandlers<'kubernetes'> {
  return {
    'kubernetes.clusters': async ({ caller, exchange }) => {
      const items = deps.state.clusters.list().flatMap(({ metadata, spec }): ReachableCluster[] => {
        const reach = computeReach(caller.person, metadata.name, deps.state)
        if (reach === undefined) return []
        const { displayName } = spec
        const path = kubernetesPath.cluster(metadata.name)
        return [{ name: metadata.name, displayName, path, namespaces: [...reach.namespaces] }]
      })
      const seen = await visibility.among(
        caller.identity,
        'applications',
        deps.state.projects.list().map(({ metadata }) => projectNamespace(metadata.name)),
        exchange.signal,
      )
      return {
        items: items.sort((a, b) => compareText(a.name, b.name)),
        ...(caller.identity.groups.length === 0
          ? {}
          : { host: { path: kubernetesPath.host, namespaces: [...seen].sort(compareText) } }),
        ...(deps.own === undefined ? {} : { tls: { ca: deps.own.certificate.ca, serverName: ownServerName } }),
      }
    },
    'kubernetes.token': ({ caller }) => Promise.resolve(tokens.issue(caller)),
  }
}
