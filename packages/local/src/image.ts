import { createHash } from 'node:crypto'
import { Header } from 'tar'

/** A file or folder in an image. Links and devices are not needed here. */
export interface ImageFile {
  /** Absolute path inside the image. */
  readonly path: string
  readonly content?: Uint8Array
  readonly mode?: number
  readonly linkTo?: string
}

export interface ImageOptions {
  readonly entrypoint?: readonly string[] | undefined
  readonly cmd?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Numeric, as `runAsNonRoot` can judge nothing else. */
  readonly user?: string | undefined
  readonly workingDir?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly bytes: Uint8Array
}

/** An OCI image as its blobs and its manifest. The same input gives the same bytes. */
export interface Image {
  readonly manifest: Blob
  readonly blobs: readonly Blob[]
}

/** Makes an image of one layer from files, for linux/amd64, without a container daemon. */
export const buildImage = (files: readonly ImageFile[], options: ImageOptions = {}): Image =>
  imageOf(buildLayer(files), options)

/** Files as a layer, which several images may share. */
export const buildLayer = (files: readonly ImageFile[]): Blob =>
  // not compressed: it travels over a bridge of this machine, and unpacking costs more than the bytes
  blob('application/vnd.oci.image.layer.v1.tar', archiveFiles(files))

/** An image of that one layer, or of several, each over the one before. */
export function imageOf(given: Blob | readonly Blob[], options: ImageOptions = {}): Image {
  const layers = 'digest' in given ? [given] : given
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Entrypoint: options.entrypoint,
      Cmd: options.cmd,
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...options.env }).map(
        ([key, value]) => `${key}=${value}`,
      ),
      User: options.user,
      WorkingDir: options.workingDir,
      Labels: options.labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  })
  const describe = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length })
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describe(config),
    layers: layers.map(describe),
  })
  return { manifest, blobs: [...layers, config] }
}

export function blob(mediaType: string, bytes: Uint8Array): Blob {
  return { mediaType, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` }
}

export const jsonBlob = (mediaType: string, value: unknown): Blob => blob(mediaType, Buffer.from(JSON.stringify(value)))

const block = 512

function archiveFiles(files: readonly ImageFile[]): Uint8Array {
  const chunks: Uint8Array[] = []
  const made = new Set<string>()
  const folder = (path: string) => {
    if (path === '' || made.has(path)) return
    folder(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
    made.add(path)
    chunks.push(tarFolder(path, path === 'tmp' ? 0o1777 : 0o755))
  }
  folder('tmp')
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = file.path.replace(/^\/+/, '')
    folder(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
    if (file.linkTo !== undefined) {
      chunks.push(header(path, 'SymbolicLink', 0o777, 0, file.linkTo))
    } else if (file.content !== undefined) {
      chunks.push(...tarEntry(path, file.content, file.mode))
    } else {
      folder(path)
    }
  }
  chunks.push(new Uint8Array(2 * block))
  return Buffer.concat(chunks)
}

/** A file of a tar archive, in the pieces that it is written in. */
export const tarEntry = (path: string, content: Uint8Array, mode = 0o644): Uint8Array[] => [
  header(path, 'File', mode, content.length),
  content,
  new Uint8Array((block - (content.length % block)) % block),
]

export const tarFolder = (path: string, mode = 0o755): Uint8Array => header(`${path}/`, 'Directory', mode, 0)

function header(path: string, type: 'File' | 'Directory' | 'SymbolicLink', mode: number, size: number, linkpath = '') {
  const bytes = Buffer.alloc(block)
  const made = new Header({ path, type, mode, size, linkpath, uid: 0, gid: 0, mtime: new Date(0) })
  if (made.encode(bytes, 0)) throw new RangeError(`the path ${path} is too long for an image made here`)
  return bytes
}
