import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SourceFile } from '../archive/file-tree.ts'
import { packArchive } from '../archive/pack-archive.ts'
import { createAddressGuard } from '../address-guard.ts'
import { contentDigest } from '../digests.ts'
import { createRenderer, type RendererOptions } from '../renderer.ts'
import type { JsonObject, RenderedSet, Renderer, RenderRequest, ResolvedSource } from '../types.ts'
import { helmPath, workerPath } from './parts.ts'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))
export const chartsFolder = join(here, '../../testdata/charts')
export const chartFolder = (name: string): string => join(chartsFolder, name)

/** A renderer on the real worker, with uploads in memory. */
export interface TestRenderer extends Renderer {
  upload(bytes: Uint8Array): string
}

export async function openTestRenderer(options: Partial<RendererOptions> = {}): Promise<TestRenderer> {
  const uploads = new Map<string, Uint8Array>()
  const renderer = createRenderer({
    workerPath: await workerPath(),
    digestKey: Buffer.alloc(32, 7),
    guard: createAddressGuard(),
    readUpload: (digest) => Promise.resolve(uploads.get(digest)),
    ...options,
  })
  const upload = (bytes: Uint8Array): string => {
    const digest = contentDigest(bytes)
    uploads.set(digest, bytes)
    return digest
  }
  return Object.assign(renderer, { upload })
}

export async function readFolder(folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(files.map(async (file) => ({ path: relative(folder, file), data: await readFile(file) })))
}

export const filesOf = (texts: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(texts).map(([path, text]) => ({ path, data: Buffer.from(text) }))

/** A chart's folder, uploaded as `flotilla apply` does. */
export async function uploadChart(
  renderer: TestRenderer,
  files: readonly SourceFile[] | string,
): Promise<ResolvedSource> {
  const list = typeof files === 'string' ? await readFolder(files) : files
  const digest = renderer.upload(await packArchive(list, typeof files === 'string' ? basename(files) : 'chart'))
  return renderer.resolveSource({ helm: { chart: { upload: { digest } } } })
}

/** A request with what a test does not care about filled in. */
export function requestOf(source: ResolvedSource, more: Partial<RenderRequest> = {}): RenderRequest {
  return {
    source,
    release: { name: 'demo', namespace: 'shop', upgrade: false, revision: 1 },
    capabilities: { kubeVersion: 'v1.36.3', apiVersions: [] },
    ...more,
  }
}

export interface OracleCase {
  readonly values?: JsonObject
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  readonly upgrade?: boolean
}

/** What the real `helm template` prints for a folder or a packaged chart; rejects as it does. */
export async function helmTemplate(chart: string, oracle: OracleCase = {}, ...flags: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-oracle-'))
  try {
    const values = join(folder, 'values.json')
    await writeFile(values, JSON.stringify(oracle.values ?? {}))
    const args = ['template', 'demo', chart, '--namespace', 'shop', '--values', values]
    args.push('--kube-version', oracle.kubeVersion ?? 'v1.36.3')
    for (const version of oracle.apiVersions ?? []) args.push('--api-versions', version)
    if (oracle.upgrade === true) args.push('--is-upgrade')
    const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'none'), TZ: 'UTC' }
    const { stdout } = await run(await helmPath(), [...args, ...flags], { env, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The request that asks for what `helm template` prints. */
export function oracleRequest(source: ResolvedSource, oracle: OracleCase = {}): RenderRequest {
  return requestOf(source, {
    release: { name: 'demo', namespace: 'shop', upgrade: oracle.upgrade ?? false, revision: 1 },
    values: oracle.values,
    capabilities: {
      kubeVersion: oracle.kubeVersion ?? 'v1.36.3',
      apiVersions: oracle.apiVersions ?? [],
      mode: 'extend',
    },
  })
}

/** Prints a set the way `helm template` prints a release. */
export function printAsHelm({ helmRelease }: RenderedSet): string {
  const hooks = (helmRelease?.hooks ?? []).map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`)
  return `${helmRelease?.manifest.trim() ?? ''}\n${hooks.join('')}`
}
