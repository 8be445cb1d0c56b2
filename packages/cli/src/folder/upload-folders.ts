import { basename, resolve } from 'node:path'
import { type ApiClient, maxUploadBytes } from '@flotilla/api'
import { asKubernetesReads } from '@flotilla/model/yaml'
import { isMap, isSeq, parseAllDocuments, type YAMLMap } from 'yaml'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { isFolder, packFolder } from './pack-folder.ts'

export interface DocumentText {
  readonly text: string
  /** Where paths in it are relative to. */
  readonly base: string
  /** As the person named it, for messages. */
  readonly name: string
}

/** Where a component may say `path: ./folder` in the place of a source. */
const places = [
  { at: ['helm', 'chart'], layout: 'chart' },
  { at: ['kustomize'], layout: 'root' },
  { at: ['manifests'], layout: 'root' },
] as const

/**
 * Packs and uploads the folders that Applications name, and writes their digests in the place of the paths. Everything
 * else of the text stays as it was written; without such a path it is given back untouched.
 */
export async function uploadFolders(
  io: Io,
  api: ApiClient,
  given: DocumentText,
  project: string | undefined,
): Promise<string> {
  // cheap, and right: a path is needed for anything to happen
  if (!/\bpath["']?\s*:/.test(given.text)) return given.text
  const documents = parseAllDocuments(given.text, { ...asKubernetesReads, strict: true, intAsBigInt: true })
  if (!Array.isArray(documents)) return given.text
  let changed = false
  for (const document of documents) {
    // the server names the line of what is wrong
    if (document.errors.length > 0 || document.get('kind') !== 'Application') continue
    const components = document.getIn(['spec', 'components'])
    if (!isSeq(components)) continue
    for (const component of components.items) {
      if (!isMap(component)) continue
      for (const { at, layout } of places) {
        const source = component.getIn(at)
        if (!isMap(source)) continue
        const path = source.get('path')
        if (typeof path !== 'string') continue
        const digest = await uploadFolder(
          io,
          api,
          resolve(given.base, path),
          layout,
          projectOf(document.getIn(['metadata', 'namespace']), project, given),
        )
        writeUpload(source, digest, basename(resolve(given.base, path)))
        changed = true
      }
    }
  }
  return changed ? documents.map(String).join('') : given.text
}

/** Packs a folder, uploads it and gives its digest. */
export async function uploadFolder(
  io: Io,
  api: ApiClient,
  folder: string,
  layout: 'chart' | 'root',
  project: string,
): Promise<string> {
  if (!(await isFolder(folder))) throw new UsageError(`${folder} is no folder`)
  const { digest, bytes, files } = await packFolder(folder, layout)
  if (bytes.length > maxUploadBytes)
    throw new UsageError(`${folder} packed has ${bytes.length} bytes; ${maxUploadBytes} are taken`)
  await api.uploads.put({ params: { project, digest }, body: bytes, signal: io.signal })
  io.err(neutraliseLine(`Packed ${folder}: ${files} files, ${Math.ceil(bytes.length / 1024)} KiB, ${digest}`) + '\n')
  return digest
}

function writeUpload(source: YAMLMap, digest: string, name: string): void {
  source.delete('path')
  source.set('upload', { digest, name })
}

function projectOf(namespace: unknown, project: string | undefined, { name }: DocumentText): string {
  if (typeof namespace === 'string' && namespace.startsWith('pj-')) return namespace.slice('pj-'.length)
  if (project !== undefined) return project
  throw new UsageError(`${name}: an application with a folder needs metadata.namespace pj-PROJECT, or -n PROJECT`)
}
