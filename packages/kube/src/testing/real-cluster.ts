import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { buildImage, openTestFleet } from '@flotilla/local'
import { createKubeClient } from '../client.ts'
import type { ClusterConnection } from '../connection.ts'
import type { KubeClient } from '../kube-client.ts'
import type { ClientLimits } from '../limits.ts'
import { connectionOf } from './connection-of.ts'
import { until } from './wait.ts'

/** A namespace of its own in the test fleet's cluster `east`, gone afterwards. */
export interface RealCluster extends AsyncDisposable {
  readonly connection: ClusterConnection
  readonly client: KubeClient
  readonly namespace: string
  /** Path of a kubeconfig with admin rights. */
  readonly kubeconfigPath: string
  /** Another client of the same cluster, for instance through a fault proxy. */
  connect(connection?: ClusterConnection, limits?: Partial<ClientLimits>): KubeClient
  /** A running pod with a shell (busybox); its container is `main`. */
  runPod(name: string, command: readonly string[]): Promise<void>
}

const image = 'kube-test/tool:1'

export async function openRealCluster(): Promise<RealCluster> {
  const fleet = await openTestFleet()
  const east = fleet.clusters['east']
  if (east === undefined) throw new Error('the test fleet has no cluster east')
  const connection = connectionOf(east.kubeconfig)
  const opened: KubeClient[] = []
  const connect: RealCluster['connect'] = (to = connection, limits = {}) => {
    const client = createKubeClient({ name: 'east', connection: to, userAgent: 'flotilla-kube-test', limits })
    opened.push(client)
    return client
  }
  const client = connect()
  const namespace = `kube-test-${randomBytes(4).toString('hex')}`
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const find = (kind: string, name: string): ReturnType<KubeClient['find']> =>
    client.find({ group: '', kind, namespace, name })
  await until(async () => (await find('ServiceAccount', 'default')) !== undefined, 'the namespace is ready')
  return {
    connection,
    client,
    namespace,
    kubeconfigPath: east.kubeconfigPath,
    connect,
    runPod: async (name, command) => {
      const busybox = await readFile('/bin/busybox')
      const links = ['sh', 'cat', 'sleep', 'nc', 'echo'].map((one) => ({ path: `/bin/${one}`, linkTo: '/bin/busybox' }))
      const files = [{ path: '/bin/busybox', content: busybox, mode: 0o755 }, ...links]
      await fleet.registry.pushImage(image, buildImage(files))
      await client.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          containers: [{ name: 'main', image, command: [...command] }],
        },
      })
      await until(async () => {
        const pod = await find('Pod', name)
        return (pod?.['status'] as { phase?: string } | undefined)?.phase === 'Running'
      }, `pod ${name} runs`)
    },
    [Symbol.asyncDispose]: async () => {
      await client.delete({ group: '', kind: 'Namespace', name: namespace })
      await Promise.all(opened.map((one) => one.close()))
    },
  }
}
