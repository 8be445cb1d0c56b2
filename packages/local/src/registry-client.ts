import http, { type IncomingHttpHeaders } from 'node:http'
import { FlotillaError } from '@flotilla/model'
import type { Blob, Image } from './image.ts'

const timeoutMs = 60_000

export interface ImageName {
  readonly repository: string
  readonly tag: string
}

/** `docker.io/library/x:1`, `x:1` and `a/b:1` as containerd asks the fleet's registry for them. */
export function parseImageName(text: string): ImageName {
  const match =
    /^(?<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:[:][0-9]+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*):(?<tag>[A-Za-z0-9_][\w.-]{0,127})$/.exec(
      text,
    )
  const path = match?.groups?.['path']
  const tag = match?.groups?.['tag']
  if (path === undefined || tag === undefined) {
    throw new FlotillaError('input.invalid', {
      field: 'NAME:TAG',
      value: text,
      message: 'An image is named as NAME:TAG, in lower case',
      remedy: 'For example shop/web:1.2 or docker.io/library/tool:3.',
    })
  }
  const segments = path.split('/')
  const host = segments.length > 1 && /[.:]/.test(segments[0] ?? '') ? segments.shift() : undefined
  const bare = (host === undefined || host === 'docker.io') && segments.length === 1
  return { repository: bare ? `library/${segments[0]}` : segments.join('/'), tag }
}

/** Pushes an image, blobs first, so that a tag never names what is not there. What the registry has is not sent again. */
export async function pushImage(registry: string, name: string, image: Image, signal?: AbortSignal): Promise<void> {
  const { repository, tag } = parseImageName(name)
  if ((await findDigest(registry, name, signal)) === image.manifest.digest) return
  const base = `http://${registry}/v2/${repository}`
  for (const blob of image.blobs) await pushBlob(base, blob, signal)
  await send('PUT', `${base}/manifests/${tag}`, signal, image.manifest.bytes, image.manifest.mediaType)
}

async function pushBlob(base: string, blob: Blob, signal: AbortSignal | undefined): Promise<void> {
  const has = await request('HEAD', `${base}/blobs/${blob.digest}`, signal)
  if (has.status === 200) return
  const begun = await send('POST', `${base}/blobs/uploads/`, signal)
  const location = new URL(begun.headers.location ?? '', base)
  location.searchParams.set('digest', blob.digest)
  await send('PUT', location.href, signal, blob.bytes, 'application/octet-stream')
}

/** The digest that a tag names, or undefined. */
export async function findDigest(registry: string, name: string, signal?: AbortSignal): Promise<string | undefined> {
  const { repository, tag } = parseImageName(name)
  const answer = await request('HEAD', `http://${registry}/v2/${repository}/manifests/${tag}`, signal)
  const digest = answer.headers['docker-content-digest']
  return answer.status === 200 && typeof digest === 'string' ? digest : undefined
}

async function send(method: string, url: string, signal?: AbortSignal, body?: Uint8Array, type?: string) {
  const answer = await request(method, url, signal, body, type)
  if (answer.status >= 300) {
    throw new FlotillaError('source.unreachable', {
      message: `The local registry answered ${answer.status} to ${method} ${new URL(url).pathname}`,
      remedy: 'See logs/registry.log in the fleet folder.',
    })
  }
  return answer
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Not by `fetch`, which copies a body of hundreds of megabytes twice before it sends it. */
function request(
  method: string,
  url: string,
  signal?: AbortSignal,
  body?: Uint8Array,
  type = 'application/octet-stream',
): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const headers = {
    accept: 'application/vnd.oci.image.manifest.v1+json',
    'content-length': body?.byteLength ?? 0,
    ...(body === undefined ? {} : { 'content-type': type }),
  }
  const options = { method, headers, signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]) }
  return new Promise((resolve, reject) => {
    const asked = http.request(url, options, (response) => {
      // reading to the end frees the connection
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
      response.once('error', reject)
    })
    asked.once('error', reject).end(body)
  })
}
