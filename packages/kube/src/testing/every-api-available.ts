import { setTimeout as wait } from 'node:timers/promises'
import type { KubeClient } from '../kube-client.ts'

interface ApiService {
  readonly spec?: { readonly group?: string; readonly version?: string }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
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

async function isDiscovered({ discovery }: KubeClient, services: readonly ApiService[]): Promise<boolean> {
  discovery.forget()
  if ((await discovery.unavailable()).length > 0) return false
  const served = new Set((await discovery.kinds()).map(({ group, version }) => `${group}/${version}`))
  return services.every(({ spec }) => served.has(`${spec?.group ?? ''}/${spec?.version ?? ''}`))
}
