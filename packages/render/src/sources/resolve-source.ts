import { FlotillaError } from '@flotilla/model'
import { contentDigest } from '../digests.ts'
import type { SourceFile } from '../archive/file-tree.ts'
import { subtree } from '../archive/file-tree.ts'
import { filesDigest, packArchive } from '../archive/pack-archive.ts'
import { readArchive } from '../archive/read-archive.ts'
import type { ChartSpec, FolderSpec, ResolvedSource, SourceSpec, UploadSource } from '../types.ts'
import { resolveRepositoryChart } from './chart-repository.ts'
import { fetchGitFiles, noFolder, parseFolder, resolveGitFolder } from './git-source.ts'
import { resolveOciChart, resolveOciFolder } from './oci-source.ts'
import type { SourceContext } from './source-context.ts'

export interface ResolveContext extends SourceContext {
  readonly readUpload: ((digest: string, signal: AbortSignal) => Promise<Uint8Array | undefined>) | undefined
  /** Drops what Helm would not load from a chart's folder. */
  readonly keepChartFiles: (files: readonly SourceFile[]) => Promise<readonly SourceFile[]>
}

/** Fetches what a component names, checks it, and pins it by digest. */
export async function resolveSource(spec: SourceSpec, context: ResolveContext): Promise<ResolvedSource> {
  requireOne(spec, ['helm', 'kustomize', 'manifests'], '')
  if (spec.helm !== undefined) return resolveChart(spec.helm.chart, context)
  if (spec.kustomize !== undefined) return resolveFolder(spec.kustomize, 'kustomize', context)
  const { inline, ...folder } = spec.manifests ?? {}
  if (inline === undefined) return resolveFolder(folder, 'manifests', context)
  requireOne({ inline, ...folder }, ['inline', 'oci', 'git', 'upload'], 'manifests')
  return plainYaml(Buffer.from(inline), 'inline')
}

async function resolveChart(chart: ChartSpec, context: ResolveContext): Promise<ResolvedSource> {
  const field = 'helm.chart'
  requireOne(chart, ['oci', 'repository', 'git', 'upload'], field)
  if (chart.oci !== undefined) return resolveOciChart(chart.oci, context, `${field}.oci`)
  if (chart.repository !== undefined) return resolveRepositoryChart(chart.repository, context, `${field}.repository`)
  if (chart.git !== undefined) {
    const path = parseFolder(chart.git.path ?? '', `${field}.git.path`)
    const { commit, files, pinned } = await fetchGitFiles(chart.git, path, context, `${field}.git`)
    const inside = subtree(files, path)
    if (!inside.some((file) => file.path === 'Chart.yaml')) throw noChart(path, commit, `${field}.git.path`)
    const kept = await context.keepChartFiles(inside)
    return {
      kind: 'helm',
      format: 'archive',
      digest: filesDigest(kept),
      pinned: path === '' ? pinned : `${pinned}:${path}`,
      revision: commit,
      bytes: await packArchive(kept, 'chart'),
    }
  }
  return resolveUploadedChart(chart.upload, context, `${field}.upload`)
}

async function resolveUploadedChart(
  upload: UploadSource | undefined,
  context: ResolveContext,
  field: string,
): Promise<ResolvedSource> {
  const { digest, bytes } = await readUpload(upload, context, field)
  const files = withoutTop(await readArchive(bytes, context.signal))
  if (!files.some((file) => file.path === 'Chart.yaml')) {
    throw new FlotillaError('archive.refused', { message: 'The archive holds no Chart.yaml', field })
  }
  const kept = await context.keepChartFiles(files)
  // What `helm package` made goes on as it is.
  const packed = kept.length === files.length ? bytes : await packArchive(kept, 'chart')
  return { kind: 'helm', format: 'archive', digest, pinned: `upload@${digest}`, revision: digest, bytes: packed }
}

async function resolveFolder(
  folder: FolderSpec,
  kind: 'kustomize' | 'manifests',
  context: ResolveContext,
): Promise<ResolvedSource> {
  requireOne(folder, ['oci', 'git', 'upload'], kind)
  const path = parseFolder(folder.path ?? folder.git?.path ?? '', `${kind}.path`)
  if (folder.oci !== undefined) return resolveOciFolder(folder.oci, kind, path, context, `${kind}.oci`)
  if (folder.git !== undefined) return resolveGitFolder(folder.git, kind, path, context, `${kind}.git`)
  const { digest, bytes } = await readUpload(folder.upload, context, `${kind}.upload`)
  if (kind === 'manifests' && bytes[0] !== 0x1f) return { ...plainYaml(bytes, `upload@${digest}`), digest }
  const files = withoutTop(await readArchive(bytes, context.signal))
  const kept = kind === 'manifests' ? subtree(files, path) : files
  if (kept.length === 0) throw noFolder(path, digest, kind)
  return {
    kind,
    format: 'archive',
    digest: path === '' ? digest : filesDigest(kept),
    pinned: `upload@${digest}`,
    revision: digest,
    bytes: await packArchive(kept, 'source'),
    ...(kind === 'kustomize' ? { path } : {}),
  }
}

async function readUpload(
  upload: UploadSource | undefined,
  context: ResolveContext,
  field: string,
): Promise<{ digest: string; bytes: Uint8Array }> {
  const digest = upload?.digest ?? ''
  const bytes = await context.readUpload?.(digest, context.signal)
  if (bytes === undefined) {
    throw new FlotillaError('source.not_found', {
      message: 'Nothing was uploaded under this digest',
      remedy: 'Upload it again with `flotilla apply`',
      field: `${field}.digest`,
      value: digest,
    })
  }
  if (contentDigest(bytes) !== digest) {
    throw new FlotillaError('source.refused', {
      message: 'What is stored under this digest is something else',
      field: `${field}.digest`,
      value: digest,
    })
  }
  return { digest, bytes }
}

function plainYaml(bytes: Uint8Array, pinned: string): ResolvedSource {
  const digest = contentDigest(bytes)
  return {
    kind: 'manifests',
    format: 'yaml',
    digest,
    pinned: pinned === 'inline' ? `inline@${digest}` : pinned,
    revision: digest,
    bytes,
  }
}

/** Takes off the folder that all files of an archive share. */
function withoutTop(files: readonly SourceFile[]): SourceFile[] {
  const top = files[0]?.path.split('/')[0] ?? ''
  const shared = files.every((file) => file.path.startsWith(`${top}/`))
  return shared ? subtree(files, top) : [...files]
}

function requireOne(value: object, keys: readonly string[], field: string): void {
  const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined)
  if (given.length === 1) return
  throw new FlotillaError('input.invalid', {
    message: `Exactly one of ${keys.join(', ')} is needed${given.length === 0 ? '' : `; ${given.join(' and ')} are given`}`,
    field: field === '' ? keys.join('|') : field,
  })
}

function noChart(path: string, commit: string, field: string): FlotillaError {
  return new FlotillaError('source.not_found', {
    message: `There is no Chart.yaml in ${path === '' ? 'the root' : path} at ${commit.slice(0, 12)}`,
    field,
    value: path,
  })
}
