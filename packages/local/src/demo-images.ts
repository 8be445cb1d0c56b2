import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { pushChart } from './helm-chart.ts'
import { buildImage, buildLayer, imageOf, type ImageFile } from './image.ts'
import { binaryOf, type ReadyParts } from './parts.ts'
import { projectRoot } from './paths.ts'
import { pushImage } from './registry-client.ts'
import { runChecked } from './run-command.ts'

/** The versions of the shop that the registry offers: one to start with, and two to go on to. */
export const shopVersions = ['1.0.0', '1.1.0', '1.2.0'] as const

const programs = ['web', 'api', 'migrate', 'worker'] as const
const nobody = '65532:65532'

/** Makes the demo's images and a small shell image, and pushes them with the shop's chart; what the registry has is not sent again. */
export async function pushDemo(parts: ReadyParts, registry: string, signal?: AbortSignal): Promise<void> {
  const shell = await readShell()
  await pushImage(registry, 'docker.io/library/busybox:1.35', buildImage(shell, { cmd: ['/bin/sh'] }), signal)
  for (const program of programs) {
    const content = await readFile(binaryOf(parts, 'shop', program))
    // versions differ in what they are told only
    const layer = buildLayer([...shell, { path: `/${program}`, content, mode: 0o755 }])
    for (const version of shopVersions) {
      const image = imageOf(layer, { entrypoint: [`/${program}`], user: nobody, env: { VERSION: version } })
      await pushImage(registry, `docker.io/shop/${program}:${version}`, image, signal)
    }
  }
  await pushChart(registry, path.join(projectRoot, 'examples/shop/chart'), signal)
}

/** Debian's static busybox under all its names, so that `kubectl exec -- sh` works in the demo's pods. */
async function readShell(): Promise<ImageFile[]> {
  const content = await readFile('/bin/busybox').catch((cause: unknown) => {
    throw new FlotillaError('local.need_missing', {
      message: 'The static busybox for the demo images is not installed',
      remedy: 'Install the package busybox-static.',
      cause,
    })
  })
  const names = (await runChecked(['/bin/busybox', '--list'])).split('\n').filter((name) => /^[\w.[-]+$/.test(name))
  return [
    { path: '/bin/busybox', content, mode: 0o755 },
    ...names.filter((name) => name !== 'busybox').map((name) => ({ path: `/bin/${name}`, linkTo: '/bin/busybox' })),
  ]
}
