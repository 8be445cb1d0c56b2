import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { buildLayer, type Image, type ImageFile, imageOf } from './image.ts'
import { type EnsureOptions, readBuiltFrom } from './kept-build.ts'
import { ensureAgent } from './program-build.ts'
import { nobody, nodeCommand, readNode } from './program-files.ts'
import { findDigest, pushImage } from './registry-client.ts'
import packageJson from '../package.json' with { type: 'json' }

/** What the server calls it in manifests. */
export const agentImage = `flotilla/agent:${packageJson.version}`

/** Makes the agent's image and pushes it to a registry of this machine, unless it has one of the same Node and sources. */
export async function pushAgent(registry: string, options: EnsureOptions): Promise<void> {
  const { signal } = options
  const [{ size }, sources] = [await stat(process.execPath), await readBuiltFrom(await ensureAgent(options))]
  // a second tag says what the image was made of
  const made = `${agentImage.split(':')[0]}:from-${process.version}-${size}-${sources}`
  const [wanted, present] = await Promise.all([made, agentImage].map((name) => findDigest(registry, name, signal)))
  if (wanted !== undefined && wanted === present) return
  const image = await buildAgent(options)
  await pushImage(registry, agentImage, image, signal)
  await pushImage(registry, made, image, signal)
}

/** This Node with the libraries that it needs, and over it the agent: the first changes with Node only. */
export async function buildAgent(options: EnsureOptions): Promise<Image> {
  const folder = await ensureAgent(options)
  const modules = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const agent = await Promise.all(
    modules.map(async (name) => ({ path: `/agent/${name}`, content: await readFile(path.join(folder, name)) })),
  )
  return imageOf([buildLayer(await readNode()), buildLayer([...agent, packageFile])], {
    // small spaces: it passes bytes on and keeps nothing
    entrypoint: nodeCommand('--max-semi-space-size=2', '--max-old-space-size=96', '/agent/main.js'),
    user: nobody,
    env: { NODE_ENV: 'production' },
    labels: { 'org.opencontainers.image.title': 'flotilla-agent' },
  })
}

const packageFile: ImageFile = { path: '/agent/package.json', content: Buffer.from('{"type":"module"}\n') }
