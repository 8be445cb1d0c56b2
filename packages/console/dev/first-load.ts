import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'

interface ManifestEntry {
  readonly file: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
  readonly css?: readonly string[]
}

export interface FirstLoad {
  readonly scripts: { readonly file: string; readonly brotli: number }[]
  readonly total: number
}

/**
 * Scripts that a browser reads before the first page stands, compressed with Brotli: the entry and all that it
 * imports, and the pages named, which the entry asks for at once.
 */
export async function measureFirstLoad(dist: string, pages: readonly string[]): Promise<FirstLoad> {
  const manifest = JSON.parse(await readFile(join(dist, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    ManifestEntry
  >
  const files = new Set<string>()
  const visit = (key: string) => {
    const entry = manifest[key]
    if (entry === undefined) throw new Error(`${key} is not in the build`)
    if (files.has(entry.file)) return
    files.add(entry.file)
    for (const imported of entry.imports ?? []) visit(imported)
  }
  for (const key of ['index.html', ...pages]) visit(key)
  const scripts = await Promise.all(
    [...files].map(async (file) => ({ file, brotli: await brotliSize(join(dist, file)) })),
  )
  scripts.sort((a, b) => b.brotli - a.brotli)
  return { scripts, total: scripts.reduce((sum, { brotli }) => sum + brotli, 0) }
}

/** Of what the server sends: the build writes a file of its own for all but the smallest. */
async function brotliSize(file: string): Promise<number> {
  const written = await stat(`${file}.br`).catch(() => undefined)
  return written?.size ?? brotliCompressSync(await readFile(file)).length
}

if (import.meta.main) {
  const { scripts, total } = await measureFirstLoad(join(import.meta.dirname, '../dist'), process.argv.slice(2))
  for (const { file, brotli } of scripts) console.log(String(brotli).padStart(8), file)
  console.log(String(total).padStart(8), 'bytes of Brotli before the first page')
}
