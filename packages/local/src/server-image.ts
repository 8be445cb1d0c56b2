import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { getCACertificates } from 'node:tls'
import { FlotillaError } from '@flotilla/model'
import { ensureConsole } from './console-build.ts'
import { buildLayer, type Image, type ImageFile, imageOf } from './image.ts'
import type { EnsureOptions } from './kept-build.ts'
import { ensurePart } from './parts.ts'
import { projectRoot } from './paths.ts'
import { ensureProgram } from './program-build.ts'
import { nobody, nodeCommand, readNode, readPrograms } from './program-files.ts'
import { pushImage } from './registry-client.ts'
import { runChecked } from './run-command.ts'
import packageJson from '../package.json' with { type: 'json' }

export const serverImage = `flotilla/server:${packageJson.version}`

/** Makes the server's image and pushes it to a registry of this machine; what that has is not sent again. */
export async function pushServer(registry: string, options: EnsureOptions): Promise<void> {
  await pushImage(registry, serverImage, await buildServer(options), options.signal)
}

const worker = '/usr/local/bin/helm-worker'
/** As deep as in a checkout, so that what the program finds by its own place is there. */
const root = '/flotilla'
const program = 'packages/server/dist'
const built = 'packages/console/dist'

/**
 * All that `flotilla serve` needs: Node, git, the Helm worker, the authorities that Node knows, the program in few
 * modules and the console. In layers by how often they change, the lowest being the agent's too. No shell.
 */
export async function buildServer(options: EnsureOptions): Promise<Image> {
  const main = await ensureProgram(options)
  await ensureConsole(options)
  const helmWorker = await ensurePart('helm-worker', options)
  const node = await readNode()
  const flotilla = nodeCommand('--disable-warning=ExperimentalWarning', '--max-semi-space-size=4')
  const layers = [
    node,
    [...(await readGit(node)), { path: '/etc/ssl/certs/ca-certificates.crt', content: readAuthorities() }],
    await readPrograms({ [worker]: helmWorker }),
    [
      ...(await readFolder(path.dirname(main), `${root}/${program}`)),
      ...(await readFolder(path.join(projectRoot, built), `${root}/${built}`)),
      { path: `${root}/packages/server/package.json`, content: Buffer.from(packageFile) },
      // `kubectl exec deploy/flotilla -- flotilla ...`
      { path: '/usr/local/bin/flotilla', content: Buffer.from(command), mode: 0o755 },
    ],
  ]
  return imageOf(layers.map(buildLayer), {
    entrypoint: [...flotilla, `${root}/${program}/main.js`],
    cmd: ['serve'],
    user: nobody,
    env: {
      NODE_ENV: 'production',
      FLOTILLA_HELM_WORKER: worker,
      // the only folder that it may write beside its data
      HOME: '/tmp',
      // large pieces of memory go back to the system when they are freed, as in bin/flotilla
      MALLOC_MMAP_THRESHOLD_: '131072',
    },
    labels: { 'org.opencontainers.image.title': 'flotilla-server' },
  })
}

const packageFile = `${JSON.stringify({ name: '@flotilla/server', version: packageJson.version, type: 'module' })}\n`
const command = `#!/usr/local/bin/node\nimport('${root}/${program}/main.js')\n`

/** What fetches over https; the rest of git is never asked for. */
async function readGit(has: readonly ImageFile[]): Promise<ImageFile[]> {
  const folder = (
    await runChecked(['git', '--exec-path']).catch((cause: unknown) => {
      throw new FlotillaError('local.need_missing', {
        message: 'git, which goes into the image of the server, is not installed',
        remedy: 'Install the package git.',
        cause,
      })
    })
  ).trim()
  const to = '/usr/lib/git-core'
  const programs = {
    '/usr/bin/git': path.join(folder, 'git'),
    [`${to}/git-remote-http`]: path.join(folder, 'git-remote-http'),
  }
  return [
    ...(await readPrograms(programs, has)),
    { path: `${to}/git`, linkTo: '/usr/bin/git' },
    { path: `${to}/git-remote-https`, linkTo: 'git-remote-http' },
  ]
}

/** Those that came with Node: the same on every machine that builds this. */
const readAuthorities = (): Buffer => Buffer.from(`${getCACertificates('bundled').join('\n')}\n`)

async function readFolder(from: string, to: string): Promise<ImageFile[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(
    files.map(async (file) => ({
      path: path.posix.join(to, ...path.relative(from, file).split(path.sep)),
      content: await readFile(file),
    })),
  )
}
