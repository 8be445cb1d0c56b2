import type { KubeClient } from '@flotilla/kube'
import { until } from '../../../e2e/support/prepare-project.ts'

const kind = { group: '', kind: 'Namespace' }
const longestMs = 10 * 60_000

/** An empty one: what a run that was killed left there goes first. */
export async function createNamespace(client: KubeClient, name: string): Promise<void> {
  if ((await client.find({ ...kind, name })) !== undefined) await removeNamespace(client, name)
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
}

/** With all that is in it; resolves when it is gone. */
export async function removeNamespace(client: KubeClient, name: string): Promise<void> {
  await client.delete({ ...kind, name })
  await until(async () => (await client.find({ ...kind, name })) === undefined, longestMs)
}
