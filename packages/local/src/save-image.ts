import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Blob, type Image, jsonBlob, tarEntry, tarFolder } from './image.ts'

/**
 * Writes an image as a file that `docker load`, `podman load`, `ctr images import` and `skopeo copy oci-archive:` take
 * (OCI image layout 1.0, with the list that older Docker wants). The same image gives the same file.
 */
export async function saveImage(file: string, name: string, image: Image): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const unfinished = `${file}.part`
  try {
    await pipeline(Readable.from(entriesOf(name, image)), createWriteStream(unfinished))
    await rename(unfinished, file)
  } finally {
    await rm(unfinished, { force: true })
  }
}

function* entriesOf(name: string, { manifest, blobs }: Image): Generator<Uint8Array> {
  const json = (value: unknown) => jsonBlob('application/json', value).bytes
  const at = ({ digest }: Blob) => `blobs/${digest.replace(':', '/')}`
  const config = blobs.filter(({ mediaType }) => mediaType.includes('.config.'))
  const layers = blobs.filter(({ mediaType }) => mediaType.includes('.layer.'))
  const full = name.split('/').length > 1 && /[.:]/.test(name.split('/')[0] ?? '') ? name : `docker.io/${name}`
  const tag = name.slice(name.lastIndexOf(':') + 1)
  const annotations = { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': tag }
  const { mediaType, digest, bytes } = manifest
  yield* tarEntry('oci-layout', json({ imageLayoutVersion: '1.0.0' }))
  yield* tarEntry(
    'index.json',
    json({ schemaVersion: 2, manifests: [{ mediaType, digest, size: bytes.length, annotations }] }),
  )
  yield* tarEntry('manifest.json', json([{ Config: config.map(at)[0], RepoTags: [name], Layers: layers.map(at) }]))
  yield tarFolder('blobs')
  yield tarFolder('blobs/sha256')
  for (const blob of [manifest, ...blobs]) yield* tarEntry(at(blob), blob.bytes)
  yield new Uint8Array(1024)
}
