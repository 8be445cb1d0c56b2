import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** SHA-256 over a seed and over the names and contents of files below `root`, in the order given. Hexadecimal. */
export async function digestFiles(root: string, names: readonly string[], seed = ''): Promise<string> {
  const hash = createHash('sha256').update(seed)
  for (const name of names) hash.update(`\0${name}\0`).update(await readFile(path.join(root, name)))
  return hash.digest('hex')
}
