import { setTimeout as wait } from 'node:timers/promises'
import type { KubeClient } from '../kube-client.ts'

interface ApiService {
  readonly spec?: { readonly group?: string; readonly version?: string }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

interface Definition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
}

const pauseMs = 200

/**
 * Whether every aggregated API of a cluster answers, and discovery knows it, which comes some time later. While one of a
 * young cluster comes up, what the cluster offers changes, and with it what was rendered for it. A no takes a moment.
 */
export async function everyApiAvailable(client: KubeClient): Promise<boolean> {
  const { items } = await client.list({ group: 'apiregistration.k8s.io', kind: 'APIService' })
  const services = items as readonly ApiService[]
  const isAvailable = services.every(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True'),
  )
  if (isAvailable && (await isDiscovered(client, services))) return true
  await wait(pauseMs)
  return false
}

async function isDiscovered(client: KubeClient, services: readonly ApiService[]): Promise<boolean> {
  const { discovery } = client
  const { items } = await client.list({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' })
  const own = (items as unknown as readonly Definition[]).flatMap(({ spec: { group, names, versions } }) =>
    versions.filter(({ served }) => served).map(({ name }) => `${group}/${name}/${names.kind}`),
  )
  discovery.forget()
  if ((await discovery.unavailable()).length > 0) return false
  const served = new Set(await discovery.apiVersions())
  const groups = services.map(({ spec: { group = '', version = '' } = {} }) =>
    group === '' ? version : `${group}/${version}`,
  )
  return [...groups, ...own].every((one) => served.has(one))
}
