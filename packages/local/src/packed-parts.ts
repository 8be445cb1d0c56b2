import { createReadStream, createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { create, extract } from 'tar'
import { z } from 'zod'
import type { PartRecipe } from './parts-catalogue.ts'
import { exists } from './file-contents.ts'
import { projectRoot } from './paths.ts'
import { findJsonFile } from './read-json.ts'

/** `parts.json` of a package of packed parts. */
const PackedManifest = z.object({
  parts: z.record(z.string(), z.object({ source: z.string(), version: z.string() })),
})
export type PackedManifest = z.infer<typeof PackedManifest>

/** The package that `flotilla local dist` makes. */
export const packedPackage = '@flotilla/parts-linux-x64'

/** zstd's: the first to be given away, the second where only the way there and back counts. */
const compressionLevels = { small: 12, quick: 1 }
export type Packing = keyof typeof compressionLevels

export const archiveName = (part: string): string => `${part}.tar.zst`

/** The archive of a part that came compiled in an npm package and stems from these very sources. */
export async function findPackedPart(recipe: PartRecipe, root: string = projectRoot): Promise<string | undefined> {
  for (const modules of nodeModulesFrom(root)) {
    const dir = path.join(modules, packedPackage)
    const manifest = await findJsonFile(path.join(dir, 'parts.json'), PackedManifest)
    if (manifest?.parts[recipe.name]?.source !== recipe.source) continue
    const archive = path.join(dir, archiveName(recipe.name))
    if (await exists(archive)) return archive
  }
  return undefined
}

/** Packs a part's binaries into an archive. */
export async function packPart(
  bin: string,
  binaries: readonly string[],
  archive: string,
  packing: Packing = 'small',
): Promise<void> {
  const parameters = {
    [constants.ZSTD_c_compressionLevel]: compressionLevels[packing],
    [constants.ZSTD_c_checksumFlag]: 1,
  }
  const entries = create({ cwd: bin, portable: true, mtime: new Date(0) }, [...binaries].sort())
  await pipeline(entries, createZstdCompress({ params: parameters }), createWriteStream(archive))
}

/** Unpacks an archive of packPart; the archive's own checksum guards it. */
export async function unpackPart(archive: string, into: string): Promise<void> {
  await pipeline(createReadStream(archive), createZstdDecompress(), extract({ cwd: into, strict: true }))
}

/** As Node looks for packages: in node_modules here and in every folder above. */
function nodeModulesFrom(root: string): string[] {
  const found: string[] = []
  for (let dir = root; ; dir = path.dirname(dir)) {
    found.push(path.basename(dir) === 'node_modules' ? dir : path.join(dir, 'node_modules'))
    if (dir === path.dirname(dir)) return found
  }
}
