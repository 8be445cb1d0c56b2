import { readFile } from 'node:fs/promises'
import type { KubeClient } from '@flotilla/kube'
import { buildImage } from '@flotilla/local'

/** Two pods that say a line each second, with what would steer a terminal in it. @returns uid of their Deployment */
export async function startTalker(
  member: KubeClient,
  push: (name: string, image: ReturnType<typeof buildImage>) => Promise<unknown>,
  at: { readonly id: string; readonly namespace: string },
): Promise<string> {
  const busybox = await readFile('/bin/busybox')
  const image = `flotilla-test/talker-${at.id}:1`
  const script = 'i=0; while true; do i=$((i+1)); printf "line $i \\033[2Jend\\n"; sleep 1; done'
  await push(
    image,
    buildImage([{ path: '/bin/busybox', content: busybox, mode: 0o755 }], {
      entrypoint: [
        '/bin/busybox',
        'sh',
        '-c',
        `alias sleep="/bin/busybox sleep"; ${script.replaceAll('sleep 1', '/bin/busybox sleep 1')}`,
      ],
    }),
  )
  const labels = { app: 'talker' }
  const deployment = await member.apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'talker', namespace: at.namespace },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'talker', image: `docker.io/${image}` }] },
        },
      },
    },
    { fieldManager: 'http-test' },
  )
  return deployment.metadata.uid ?? ''
}
