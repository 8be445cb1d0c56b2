import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { FlotillaError } from '@flotilla/model'
import type { BlobStore } from '../store/store.ts'
import { readJsonLines, writeJsonLines } from './json-lines.ts'
import type { StoredSet, StoredSets } from './rendered-set.ts'

const largestSet = 64 * 1024 * 1024

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
  const { digest, lines } = await writeJsonLines([head, ...crds, ...objects, ...hooks], {
    digestKey,
    largest: largestSet,
    tooLarge: () => tooLarge(set.component),
  })
  // what is wanted stays the same when a Secret changes in a part that nothing is rendered from
  if (secrets.length > 0) lines.push(Buffer.from(`${JSON.stringify(secrets)}\n`, 'utf8'))
  return { digest, lines }
}

async function decode(bytes: Buffer): Promise<StoredSet> {
  const parsed = await readJsonLines(bytes)
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
