import { readdir, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { buildLayer, type Image, type ImageFile, imageOf } from './image.ts'
import { ensureAgent } from './program-build.ts'
import type { EnsureOptions } from './kept-build.ts'
import { pushImage } from './registry-client.ts'
import packageJson from '../package.json' with { type: 'json' }
import { runChecked } from './run-command.ts'

/** What the server calls it in manifests. */
const agentImage = `flotilla/agent:${packageJson.version}`

const nobody = '65532:65532'
const node = '/usr/local/bin/node'

/** Makes the agent's image and pushes it to a registry of this machine; what that has is not sent again. */
export async function pushAgent(registry: string, options: EnsureOptions): Promise<void> {
  await pushImage(registry, agentImage, await buildAgent(options), options.signal)
}

/** This Node with the libraries that it needs, and over it the agent: the first changes with Node only. */
async function buildAgent(options: EnsureOptions): Promise<Image> {
  const folder = await ensureAgent(options)
  const modules = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const agent = await Promise.all(
    modules.map(async (name) => ({ path: `/agent/${name}`, content: await readFile(path.join(folder, name)) })),
  )
  return imageOf([buildLayer(await readNode()), buildLayer([...agent, packageFile])], {
    // small spaces: it passes bytes on and keeps nothing
    entrypoint: [node, '--max-semi-space-size=2', '--max-old-space-size=96', '/agent/main.js'],
    user: nobody,
    env: { NODE_ENV: 'production' },
    labels: { 'org.opencontainers.image.title': 'flotilla-agent' },
  })
}

const packageFile: ImageFile = { path: '/agent/package.json', content: Buffer.from('{"type":"module"}\n') }

async function readNode(): Promise<ImageFile[]> {
  const binary = await realpath(process.execPath)
  const listed = await runChecked(['ldd', binary])
  const libraries = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file = '']) => file)
  return [
    { path: node, content: await readFile(binary), mode: 0o755 },
    ...(await Promise.all(libraries.map(async (file) => ({ path: file, content: await readFile(file), mode: 0o755 })))),
    // without it names of /etc/hosts are looked up last
    { path: '/etc/nsswitch.conf', content: Buffer.from('hosts: files dns\n') },
  ]
}
