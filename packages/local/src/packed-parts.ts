import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { PartRecipe } from './parts-catalogue.ts'
import { projectRoot } from './paths.ts'

/** Written by `flotilla local dist` into every package of packed parts. */
export interface PackedManifest {
  readonly parts: Readonly<Record<string, { source: string; version: string }>>
}

export const packedPackages = ['@flotilla/parts-linux-x64', '@flotilla/parts-kubernetes-linux-x64'] as const

/** The folder of a part that came compiled in an npm package and stems from these very sources. */
export async function findPackedParts(recipe: PartRecipe, root: string = projectRoot): Promise<string | undefined> {
  for (const name of packedPackages) {
    for (const modules of nodeModulesFrom(root)) {
      const dir = path.join(modules, name)
      const manifest = await readManifest(path.join(dir, 'parts.json'))
      if (manifest?.parts[recipe.name]?.source !== recipe.source) continue
      const bin = path.join(dir, recipe.name)
      if (await exists(path.join(bin, recipe.binaries[0] ?? ''))) return bin
    }
  }
  return undefined
}

/** As Node looks for packages: in node_modules here and in every folder above. */
function nodeModulesFrom(root: string): string[] {
  const found: string[] = []
  for (let dir = root; ; dir = path.dirname(dir)) {
    found.push(path.basename(dir) === 'node_modules' ? dir : path.join(dir, 'node_modules'))
    if (dir === path.dirname(dir)) return found
  }
}

async function readManifest(file: string): Promise<PackedManifest | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as PackedManifest // our own file
  } catch {
    return undefined
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
