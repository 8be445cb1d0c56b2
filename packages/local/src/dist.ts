import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { create } from 'tar'
import { z } from 'zod'
import { collectLicences } from './licences.ts'
import { archiveName, packedPackage, packPart, type PackedManifest, type Packing } from './packed-parts.ts'
import { readCatalogue } from './parts-catalogue.ts'
import { ensureParts } from './parts.ts'
import { projectRoot } from './paths.ts'
import { silent, type Progress } from './progress.ts'
import { readJsonFile } from './read-json.ts'
import { writeFileWhole } from './write-file.ts'

/** npm's public registry has no stated limit, but beyond this uploads fail. */
const mostBytes = 200 << 20

export interface DistOptions {
  readonly into: string
  /** `quick` makes a package larger than a registry may take. */
  readonly packing?: Packing | undefined
  readonly onProgress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Packs every compiled part as one npm package. The answer is the package's file. */
export async function packDistribution(options: DistOptions): Promise<string> {
  const { into, packing = 'small', onProgress = silent, signal } = options
  const catalogue = await readCatalogue()
  const parts = await ensureParts([...catalogue.keys()], { onProgress, signal })
  const { version } = await readJsonFile(path.join(projectRoot, 'package.json'), z.object({ version: z.string() }))
  await mkdir(into, { recursive: true })
  const work = await mkdtemp(path.join(tmpdir(), 'flotilla-dist-'))
  try {
    const packed: Record<string, PackedManifest['parts'][string]> = {}
    const binaries: string[] = []
    for (const { name, bin, ...part } of parts.values()) {
      signal?.throwIfAborted()
      onProgress({ step: name, text: 'packing' })
      const files = catalogue.get(name)?.binaries ?? []
      await packPart(bin, files, path.join(work, archiveName(name)), packing)
      packed[name] = { source: part.source, version: part.version }
      binaries.push(...files.map((file) => path.join(bin, file)))
    }
    onProgress({ step: packedPackage, text: 'collecting licences' })
    await writeFileWhole(path.join(work, 'THIRD-PARTY-LICENCES.txt'), await collectLicences(binaries))
    await copyFile(path.join(projectRoot, 'LICENSE'), path.join(work, 'LICENSE'))
    await writeFileWhole(
      path.join(work, 'parts.json'),
      JSON.stringify({ parts: packed } satisfies PackedManifest, null, 2),
    )
    await writeFileWhole(path.join(work, 'package.json'), JSON.stringify(packageJson(version), null, 2))
    return await pack(work, into, version, packing)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const packageJson = (version: string) => ({
  name: packedPackage,
  version,
  description: 'Compiled parts of Flotilla local clusters, so that nothing needs to be compiled',
  license: 'Apache-2.0',
  os: ['linux'],
  cpu: ['x64'],
})

/** As `npm pack` lays it out, but without its long attempts to make archives smaller that are compressed already. */
async function pack(dir: string, into: string, version: string, packing: Packing): Promise<string> {
  const file = path.join(into, `${packedPackage.slice(1).replace('/', '-')}-${version}.tgz`)
  const entries = (await readdir(dir)).sort()
  await create({ file, cwd: dir, prefix: 'package', gzip: { level: 0 }, portable: true, mtime: new Date(0) }, entries)
  const { size } = await stat(file)
  if (size <= mostBytes || packing === 'quick') return file
  throw new FlotillaError('internal', {
    message: `${path.basename(file)} has ${Math.round(size / 2 ** 20)} MB, more than a registry takes`,
    remedy: 'Give the largest part a package of its own (packages/local/src/packed-parts.ts).',
  })
}
