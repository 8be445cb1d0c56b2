import { readFile } from 'node:fs/promises'
import { buildImage } from './image.ts'
import { binaryOf, type ReadyParts } from './parts.ts'
import { findDigest, pushImage } from './registry-client.ts'

/** The images that every cluster runs, by the part they are made of. */
export interface SystemImages {
  readonly pause: string
  readonly coredns: string
  readonly metricsServer: string
}

/** Their names; a tag tells version and sources, so that what is new is pulled and what is not is not. */
export function systemImageNames(parts: ReadyParts): SystemImages {
  const name = (part: string) => {
    const ready = parts.get(part)
    return `docker.io/flotilla/${part}:${ready?.version ?? '0'}-${ready?.source.slice(0, 8) ?? '0'}`
  }
  return { pause: name('pause'), coredns: name('coredns'), metricsServer: name('metrics-server') }
}

/** Makes the system's images from the compiled parts and pushes those that the registry lacks. */
export async function pushSystemImages(parts: ReadyParts, registry: string, signal?: AbortSignal): Promise<void> {
  const images = systemImageNames(parts)
  const push = async (name: string, part: string, user?: string) => {
    if ((await findDigest(registry, name, signal)) !== undefined) return
    const content = await readFile(binaryOf(parts, part))
    const image = buildImage([{ path: `/${part}`, content, mode: 0o755 }], { entrypoint: [`/${part}`], user })
    await pushImage(registry, name, image, signal)
  }
  await push(images.pause, 'pause', '65535:65535')
  await push(images.coredns, 'coredns')
  await push(images.metricsServer, 'metrics-server', '65534:65534')
}
