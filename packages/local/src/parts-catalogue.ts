import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { digestFiles } from './file-contents.ts'
import { nativeRoot } from './paths.ts'
import { readJsonFile } from './read-json.ts'

/** A compiled part as native/parts.json tells it; its version stands in the go.mod of its folder and nowhere else. */
export interface PartRecipe {
  readonly name: string
  readonly version: string
  /** What to build: `.`, a pattern, or `tool` for the folder's tools. */
  readonly package: string
  readonly binaries: readonly string[]
  readonly ldflags: string
  readonly tags: string
  /** About how long a cold build takes on two cores. */
  readonly seconds: number
  readonly folder: string
  /** Digest of all that decides the result except the compiler. */
  readonly source: string
}

const Entry = z.strictObject({
  module: z.string().optional(),
  /** Relative to native/; the part's own name by default. */
  folder: z.string().optional(),
  package: z.string(),
  binaries: z.array(z.string()).min(1),
  ldflags: z.string().optional(),
  tags: z.string().optional(),
  seconds: z.number(),
})
type Entry = z.infer<typeof Entry>

/** Reads the whole catalogue. */
export async function readCatalogue(root: string = nativeRoot): Promise<Map<string, PartRecipe>> {
  const entries = await readJsonFile(path.join(root, 'parts.json'), z.record(z.string(), Entry))
  const recipes = await Promise.all(Object.entries(entries).map(([name, entry]) => readRecipe(root, name, entry)))
  return new Map(recipes.map((recipe) => [recipe.name, recipe]))
}

async function readRecipe(root: string, name: string, entry: Entry): Promise<PartRecipe> {
  const folder = path.join(root, entry.folder ?? name)
  const goMod = await readFile(path.join(folder, 'go.mod'), 'utf8')
  const version = entry.module === undefined ? '0.1.0' : readVersion(goMod, entry.module)
  const [major = '', minor = ''] = version.split('.')
  const values: Record<string, string> = { version, major, minor }
  return {
    name,
    version,
    package: entry.package,
    binaries: entry.binaries,
    ldflags: `-s -w ${entry.ldflags ?? ''}`.trim().replaceAll(/\{(\w+)\}/g, (_, key: string) => values[key] ?? ''),
    tags: entry.tags ?? '',
    seconds: entry.seconds,
    folder,
    source: await digestFolder(folder, JSON.stringify(entry)),
  }
}

/** The required version of a module in a go.mod, without the `v`. */
export function readVersion(goMod: string, module: string): string {
  const quoted = module.replaceAll(/[.\\/-]/g, String.raw`\$&`)
  const match = new RegExp(String.raw`^\s*(?:require\s+)?${quoted} v(\S+)`, 'm').exec(goMod)
  if (match?.[1] === undefined) throw new Error(`no version of ${module} in its go.mod`)
  return match[1]
}

async function digestFolder(folder: string, seed: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name) && !entry.name.endsWith('_test.go'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  return digestFiles(folder, names.sort(), seed).slice(0, 16)
}
