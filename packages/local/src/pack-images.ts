import path from 'node:path'
import { agentImage, buildAgent } from './agent-image.ts'
import type { EnsureOptions } from './kept-build.ts'
import { pushImage } from './registry-client.ts'
import { saveImage } from './save-image.ts'
import { buildServer, serverImage } from './server-image.ts'

/** The images of the product itself, by their names. */
const images = [
  { name: serverImage, build: buildServer },
  { name: agentImage, build: buildAgent },
]

/** Writes the images of server and agent as files into a folder; the answer is where. */
export async function packImages(into: string, options: EnsureOptions): Promise<string[]> {
  const files: string[] = []
  for (const { name, build } of images) {
    const file = path.join(into, `${name.replaceAll(/[/:]/g, '-')}.tar`)
    options.onProgress({ step: name, text: 'packing' })
    await saveImage(file, name, await build(options))
    files.push(file)
  }
  return files
}

/** Pushes both to a registry that speaks plain HTTP; the answer is their names. */
export async function pushImages(registry: string, options: EnsureOptions): Promise<string[]> {
  for (const { name, build } of images) await pushImage(registry, name, await build(options), options.signal)
  return images.map(({ name }) => name)
}
