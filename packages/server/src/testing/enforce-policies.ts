import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { KubeClient } from '@flotilla/kube'
import type { LocalCluster } from '@flotilla/local'
import { isRecord, type KubeObject, type LabelSelector, matchesSelector } from '@flotilla/model'

const table = 'flotilla_policy_stand_in'
const lookMs = 200

interface Peer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly ipBlock?: { readonly cidr: string }
}
interface PolicySpec {
  readonly podSelector?: LabelSelector
  readonly ingress?: readonly { readonly from?: readonly Peer[] }[]
}
interface Pod {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly ip: string
}

/**
 * A stand-in for a network plugin that enforces NetworkPolicy, which none does whose Go module can be had: follows
 * policies and pods of a local cluster and drops in its kernel what `ingress` does not allow. It knows no egress and no
 * ports.
 */
export async function enforcePolicies(cluster: LocalCluster, client: KubeClient): Promise<{ stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-policies-'))
  const ended = new AbortController()
  let written = ''
  const write = async (rules: string): Promise<void> => {
    if (rules === written) return
    const file = join(folder, 'rules.nft')
    await writeFile(file, rules)
    const { code, stderr } = await cluster.runInside(['nft', '-f', file])
    if (code !== 0) throw new Error(`nft: ${stderr}`)
    written = rules
  }
  const follow = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await write(rulesOf(await observe(client)))
      await wait(lookMs, undefined, { signal: ended.signal }).catch(() => 'it was stopped')
    }
  }
  await write(rulesOf(await observe(client)))
  const following = follow()
  // a failure is the test's, not the process's
  following.catch(() => 'told by stop')
  return {
    stop: async () => {
      ended.abort()
      await cluster.runInside(['nft', 'delete', 'table', 'inet', table])
      await rm(folder, { recursive: true, force: true })
      await following
      await cluster.runInside(['nft', 'delete', 'table', 'inet', table])
    },
  }
}

async function observe(client: KubeClient) {
  const [policies, pods, namespaces] = await Promise.all([
    client.list({ group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' }),
    client.list({ group: '', version: 'v1', kind: 'Pod' }),
    client.list({ group: '', version: 'v1', kind: 'Namespace' }),
  ])
  return {
    policies: policies.items.map(({ metadata, spec }) => ({
      namespace: metadata.namespace ?? '',
      spec: spec as PolicySpec, // as the API server takes it
    })),
    pods: pods.items.flatMap((pod): Pod[] => {
      const ip = ipOf(pod)
      return ip === undefined
        ? []
        : [{ namespace: pod.metadata.namespace ?? '', labels: pod.metadata.labels ?? {}, ip }]
    }),
    labelsOf: new Map(namespaces.items.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
  }
}

function ipOf({ status }: KubeObject): string | undefined {
  const ip = isRecord(status) && status['phase'] === 'Running' ? status['podIP'] : undefined
  return typeof ip === 'string' ? ip : undefined
}

function rulesOf({ policies, pods, labelsOf }: Awaited<ReturnType<typeof observe>>): string {
  const lines = pods.flatMap((pod) => {
    const selecting = policies.filter(
      ({ namespace, spec }) => namespace === pod.namespace && matchesSelector(spec.podSelector ?? {}, pod.labels),
    )
    if (selecting.length === 0) return []
    const rules = selecting.flatMap(({ namespace, spec }) =>
      (spec.ingress ?? []).map(({ from }) => ({ namespace, from })),
    )
    if (rules.some(({ from }) => from === undefined || from.length === 0)) return []
    const allowed = rules.flatMap(({ namespace, from = [] }) => from.flatMap((peer) => addressesOf(peer, namespace)))
    const set = [...new Set(allowed)].sort().join(', ')
    return [...(set === '' ? [] : [`    ip daddr ${pod.ip} ip saddr { ${set} } accept`]), `    ip daddr ${pod.ip} drop`]
  })
  function addressesOf({ podSelector, namespaceSelector, ipBlock }: Peer, own: string): string[] {
    if (ipBlock !== undefined) return [ipBlock.cidr]
    return pods
      .filter(
        ({ namespace, labels }) =>
          (namespaceSelector === undefined
            ? namespace === own
            : matchesSelector(namespaceSelector, labelsOf.get(namespace) ?? {})) &&
          matchesSelector(podSelector ?? {}, labels),
      )
      .map(({ ip }) => ip)
  }
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
${lines.sort((a, b) => order(a) - order(b)).join('\n')}
  }
}
`
}

/** What is allowed comes before what is dropped. */
const order = (line: string): number => (line.endsWith('accept') ? 0 : 1)
