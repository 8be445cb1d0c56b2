import { randomBytes } from 'node:crypto'
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file that only its owner may read: beside it and renamed, so that a killed process leaves the old one whole.
 * Where the path is a link, the file that it leads to is written.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const real = await realpath(path).catch(() => path)
  const beside = `${real}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx' })
    await rename(beside, real)
  } finally {
    await rm(beside, { force: true })
  }
}
