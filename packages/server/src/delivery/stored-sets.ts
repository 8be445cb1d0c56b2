import { createHmac, type Hmac } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { FlotillaError, canonicalJson } from '@flotilla/model'
import type { BlobStore } from '../store/store.ts'
import type { StoredSet, StoredSets } from './rendered-set.ts'

const largestSet = 64 * 1024 * 1024
/** Characters written or read between two pauses, so that a big set does not hold up everybody else. */
const stretch = 256 * 1024

export const setKey = (digest: string): string => `set/${digest}`

/**
 * Rendered sets in a blob store, under digests keyed by `digestKey`: a set may hold Secrets, and from a plain digest
 * their values could be guessed. Errors: `render.limit` for a set that is too large, those of the store.
 */
export function createStoredSets(blobs: BlobStore, digestKey: Uint8Array): StoredSets {
  const load: StoredSets['load'] = async (digest) => {
    const packed = await blobs.get(setKey(digest))
    if (packed === undefined) return undefined
    const bytes = await promisify(gunzip)(packed, { maxOutputLength: largestSet * 2 })
    const set = await decode(bytes)
    // other bytes than were asked for are as good as none
    return (await encode(set, digestKey)).digest === digest ? { set, bytes: bytes.length } : undefined
  }
  return {
    load,
    get: async (digest) => (await load(digest))?.set,
    put: async (set) => {
      const { digest, lines } = await encode(set, digestKey)
      await blobs.put(setKey(digest), await promisify(gzip)(Buffer.concat(lines), { level: 6 }))
      return digest
    },
  }
}

/** One line of canonical JSON per part: the head, then custom resource definitions, objects and hooks; then the secrets. */
async function encode(set: StoredSet, digestKey: Uint8Array): Promise<{ digest: string; lines: Buffer[] }> {
  const { crds, objects, hooks, secrets = [], ...rest } = set
  const head = { ...rest, crds: crds.length, objects: objects.length, hooks: hooks.length }
  const hmac: Hmac = createHmac('sha256', digestKey)
  const lines: Buffer[] = []
  let length = 0
  let since = 0
  for (const part of [head, ...crds, ...objects, ...hooks]) {
    const line = Buffer.from(`${canonicalJson(part)}\n`, 'utf8')
    hmac.update(line)
    lines.push(line)
    length += line.length
    since += line.length
    if (length > largestSet) throw tooLarge(set.component)
    if (since > stretch) {
      since = 0
      await breathe()
    }
  }
  // what is wanted stays the same when a Secret changes in a part that nothing is rendered from
  if (secrets.length > 0) lines.push(Buffer.from(`${JSON.stringify(secrets)}\n`, 'utf8'))
  return { digest: `hmac-sha256:${hmac.digest('hex')}`, lines }
}

async function decode(bytes: Buffer): Promise<StoredSet> {
  const parsed: unknown[] = []
  let since = 0
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    parsed.push(JSON.parse(line.toString('utf8')))
    start += line.length + 1
    since += line.length
    if (since > stretch) {
      since = 0
      await breathe()
    }
  }
  // written by `encode` of this process or an earlier one, sealed by the store, and held against its digest above
  const head = parsed.shift() as Omit<StoredSet, 'crds' | 'objects' | 'hooks'> & Record<Part, number>
  const { crds, objects, hooks, ...rest } = head
  const secrets = parsed[crds + objects + hooks] as StoredSet['secrets']
  return {
    ...rest,
    ...(secrets === undefined ? {} : { secrets }),
    crds: parsed.slice(0, crds) as StoredSet['crds'],
    objects: parsed.slice(crds, crds + objects) as StoredSet['objects'],
    hooks: parsed.slice(crds + objects, crds + objects + hooks) as StoredSet['hooks'],
  }
}

type Part = 'crds' | 'objects' | 'hooks'

function tooLarge(component: string): FlotillaError {
  return new FlotillaError('render.limit', {
    message: `What ${component} renders to is larger than ${largestSet / 1024 / 1024} MB`,
    remedy: 'Split the component',
  })
}
