import { FlotillaError } from '@flotilla/model'

export interface ArchiveLimits {
  readonly packedBytes: number
  readonly bytes: number
  readonly entries: number
  /** Unpacked to packed size, looked at once more than `ratioFrom` bytes came out. */
  readonly ratio: number
  readonly ratioFrom: number
  /** How deep archives may lie in archives (charts in `charts/`). */
  readonly depth: number
}

export const defaultArchiveLimits: ArchiveLimits = {
  packedBytes: 32 * 1024 * 1024,
  bytes: 100 * 1024 * 1024,
  entries: 10_000,
  ratio: 150,
  ratioFrom: 4 * 1024 * 1024,
  depth: 3,
}

const longestPath = 512

/** Throws `archive.refused`, naming the entry. */
export function refuseEntry(entry: string, why: string, remedy?: string): never {
  throw new FlotillaError('archive.refused', {
    message: `The archive's entry ${JSON.stringify(shorten(entry))} ${why}`,
    remedy: remedy ?? 'Pack the folder again with plain files only',
    field: shorten(entry),
    value: shorten(entry),
  })
}

/** Checks the name of an entry and gives it back in normal form. */
export function checkEntryName(name: string): string {
  if (name.length > longestPath) refuseEntry(name, `has a name longer than ${longestPath} characters`)
  if (name.includes('�')) refuseEntry(name, 'has a name that is not UTF-8')
  if (/\p{Cc}/u.test(name)) refuseEntry(name, 'has control characters in its name')
  if (name.includes('\\')) refuseEntry(name, 'has a backslash in its name')
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) refuseEntry(name, 'has an absolute path')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) refuseEntry(name, 'leads out of the archive')
  return parts.join('/')
}

function shorten(name: string): string {
  return name.length <= 100 ? name : `${name.slice(0, 100)}…`
}
