import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import type { DocumentText } from './upload-folders.ts'

const mostBytes = 1024 * 1024
const mostFiles = 200

/** Texts of -f: files, folders (their .yaml, .yml and .json, by name), or `-` for standard input. */
export async function readDocuments(io: Io, names: readonly string[], recursive: boolean): Promise<DocumentText[]> {
  if (names.length === 0) throw new UsageError('say which file: -f FILE, -f FOLDER or -f -')
  const texts: DocumentText[] = []
  for (const name of names) {
    if (name === '-') {
      texts.push({ text: await io.readStdin(), base: io.cwd, name: 'standard input' })
      continue
    }
    for (const path of await filesOf(resolve(io.cwd, name), recursive)) texts.push(await readOne(path))
    if (texts.length > mostFiles) throw new UsageError(`${name} has more than ${mostFiles} files`)
  }
  if (texts.length === 0) throw new UsageError(`no .yaml, .yml or .json file in ${names.join(', ')}`)
  return texts
}

async function filesOf(path: string, recursive: boolean): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new UsageError(`${path} does not exist`)
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true, recursive })
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function readOne(path: string): Promise<DocumentText> {
  const bytes = await readFile(path)
  if (bytes.length > mostBytes) throw new UsageError(`${path} is larger than ${mostBytes} bytes`)
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), base: dirname(path), name: path }
  } catch {
    throw new UsageError(`${path} is not UTF-8`)
  }
}
