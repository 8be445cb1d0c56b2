import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createKubeClient } from '@flotilla/kube'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { buildImage, type Fleet } from '@flotilla/local'
import { until } from './prepare-project.ts'

/** A pod called `shell` in which there is one, made past Flotilla; it goes with its namespace. */
export async function startShellPod(fleet: Fleet, cluster: string, namespace: string): Promise<void> {
  const image = `flotilla-test/shell-${randomBytes(3).toString('hex')}:1`
  const busybox = await readFile('/bin/busybox')
  const links = ['sh', 'sleep', 'ls'].map((one) => ({ path: `/bin/${one}`, linkTo: '/bin/busybox' }))
  await fleet.registry.pushImage(image, buildImage([{ path: '/bin/busybox', content: busybox, mode: 0o755 }, ...links]))
  const connection = connectionOf(fleet.clusters[cluster]?.kubeconfig)
  const client = createKubeClient({ name: cluster, connection, userAgent: 'e2e' })
  try {
    await client.apply(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'shell', namespace },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: `docker.io/${image}`, command: ['sleep', '100000'] }],
        },
      },
      { fieldManager: 'e2e' },
    )
    const key = { group: '', kind: 'Pod', namespace, name: 'shell' }
    await until(async () => isRunning(await client.get(key)))
  } finally {
    await client.close()
  }
}

const isRunning = (pod: object): boolean => JSON.stringify(pod).includes('"phase":"Running"')
