import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Writes a file whole or not at all, making its folder. */
export async function writeFileWhole(file: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const part = `${file}.${process.pid}.part`
  await writeFile(part, text, { mode })
  await rename(part, file)
}
