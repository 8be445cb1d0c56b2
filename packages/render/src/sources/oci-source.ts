import { FlotillaError } from '@flotilla/model'
import { contentDigest } from '../digests.ts'
import { readArchive } from '../archive/read-archive.ts'
import { filesDigest, packArchive } from '../archive/pack-archive.ts'
import { subtree } from '../archive/file-tree.ts'
import type { OciSource, ResolvedSource } from '../types.ts'
import { splitPort } from '../address-guard.ts'
import { OciRepository } from './oci-registry.ts'
import { maxChartBytes, openHttpClient, type SourceContext } from './source-context.ts'

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
const digestPattern = /^sha256:[0-9a-f]{64}$/
const tagPattern = /^\w[\w.-]{0,127}$/
const repositoryPattern = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/

interface PulledLayer {
  readonly bytes: Uint8Array
  readonly pinned: string
  readonly revision: string
}

/** A chart from an OCI registry. `version` is a tag, a digest, or a range over the tags. */
export async function resolveOciChart(
  source: OciSource,
  context: SourceContext,
  field: string,
): Promise<ResolvedSource> {
  const pulled = await pullLayer(source, context, field, (type) => type === chartLayer)
  await readArchive(pulled.bytes, context.signal)
  return { kind: 'helm', format: 'archive', digest: contentDigest(pulled.bytes), ...pulled }
}

/** A folder packed as one gzipped tar layer, as GitOps tools publish them. */
export async function resolveOciFolder(
  source: OciSource,
  kind: 'kustomize' | 'manifests',
  path: string,
  context: SourceContext,
  field: string,
): Promise<ResolvedSource> {
  const pulled = await pullLayer(source, context, field, (type) => type.endsWith('tar+gzip') && type !== chartLayer)
  const files = await readArchive(pulled.bytes, context.signal)
  const kept = kind === 'manifests' ? subtree(files, path) : files
  return {
    kind,
    format: 'archive',
    digest: filesDigest(kept),
    pinned: pulled.pinned,
    revision: pulled.revision,
    bytes: await packArchive(kept, 'source'),
    ...(kind === 'kustomize' ? { path } : {}),
  }
}

async function pullLayer(
  source: OciSource,
  context: SourceContext,
  field: string,
  wanted: (mediaType: string) => boolean,
): Promise<PulledLayer> {
  const { host, repository } = parseOciUrl(source.url, `${field}.url`)
  const insecure = context.insecureHosts.some((pattern) => matches(pattern, host))
  await using http = openHttpClient(context, `${field}.url`)
  const registry = new OciRepository(
    http,
    `${insecure ? 'http' : 'https'}://${host}`,
    repository,
    context.credentials,
    `${field}.url`,
  )
  const reference = await pickReference(registry, source.version, context, `${field}.version`)
  const manifest = await registry.getManifest(reference)
  const layers = manifest.layers.filter((layer) => wanted(layer.mediaType))
  const layer = layers[0]
  if (layer === undefined || layers.length > 1) {
    throw new FlotillaError('source.refused', {
      message: `${repository}:${reference} does not hold exactly one layer of the wanted kind`,
      remedy: 'Name an artifact that `helm push` or a like tool made',
      field: `${field}.url`,
    })
  }
  const bytes = await registry.getBlob(layer.digest, maxChartBytes)
  const tag = digestPattern.test(reference) ? '' : `:${reference}`
  return {
    bytes,
    pinned: `oci://${host}/${repository}${tag}@${manifest.digest}`,
    // Tags cannot hold the plus sign of a version; by Helm's convention it is written as an underscore.
    revision: tag === '' ? reference : reference.replaceAll('_', '+'),
  }
}

/** An exact tag is taken as it is; anything else is a range over the tags. */
async function pickReference(
  registry: OciRepository,
  version: string,
  context: SourceContext,
  field: string,
): Promise<string> {
  const tag = version.replaceAll('+', '_')
  if (digestPattern.test(version)) return version
  if (tagPattern.test(tag) && !isRange(version)) return tag
  const tags = (await registry.listTags()).map((name) => name.replaceAll('_', '+'))
  if (tags.includes(version)) return tag
  const picked = await context.versions.pickVersion(tags, version)
  if (picked !== undefined) return picked.replaceAll('+', '_')
  throw new FlotillaError('source.not_found', {
    message: 'No tag of the registry fits that version',
    field,
    value: version,
  })
}

function isRange(version: string): boolean {
  return /[\^~<>=*|, ]|(?:^|\.)[xX](?:\.|$)/.test(version) || /^v?\d+(?:\.\d+)?$/.test(version)
}

function parseOciUrl(text: string, field: string): { host: string; repository: string } {
  const match = /^oci:\/\/([^/@\s?#]+)\/([^@\s?#]+?)\/*$/.exec(text)
  const [, host = '', repository = ''] = match ?? []
  if (match === null || !repositoryPattern.test(repository) || URL.parse(`https://${host}`) === null) {
    throw new FlotillaError('input.invalid', {
      message: 'Not an address of the form oci://host/repository',
      remedy: 'Leave out tag and digest; they belong into `version`',
      field,
      value: text.replace(/\/\/[^/]*@/, '//'),
    })
  }
  return { host: host.toLowerCase(), repository }
}

function matches(pattern: string, host: string): boolean {
  const [name, port] = splitPort(pattern.toLowerCase())
  const [wanted, wantedPort] = splitPort(host)
  return name === wanted && (port === undefined || port === (wantedPort ?? 80))
}
