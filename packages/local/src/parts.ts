import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { buildPart } from './build-part.ts'
import { withFileLock } from './file-lock.ts'
import { findPackedPart, unpackPart } from './packed-parts.ts'
import { readCatalogue, type PartRecipe } from './parts-catalogue.ts'
import { cacheRoot } from './paths.ts'
import { silent, type Progress } from './progress.ts'
import { runCommand } from './run-command.ts'

/** A part that is ready: the folder that holds its binaries. */
export interface ReadyPart {
  readonly name: string
  readonly version: string
  /** Digest of the sources it was compiled from. */
  readonly source: string
  readonly bin: string
}

export type ReadyParts = ReadonlyMap<string, ReadyPart>

/** Path of one binary of a ready part. */
export function binaryOf(parts: ReadyParts, part: string, binary: string = part): string {
  const ready = parts.get(part)
  if (ready === undefined) throw new Error(`part ${part} was not asked for`)
  return path.join(ready.bin, binary)
}

export interface EnsurePartsOptions {
  readonly onProgress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
  readonly cache?: string | undefined
  /** Where parts.json is; native/ by default. */
  readonly root?: string | undefined
}

/**
 * Finds the named parts, packed or compiled before, and compiles those that are nowhere, one at a time on the machine.
 * A part counts only once its folder stands under its final name, so one that was cut short never does.
 */
export async function ensureParts(names: readonly string[], options: EnsurePartsOptions = {}): Promise<ReadyParts> {
  const cache = path.join(options.cache ?? cacheRoot(), 'parts')
  const progress = options.onProgress ?? silent
  const missing: PartRecipe[] = []
  const ready = new Map<string, ReadyPart>()
  for (const recipe of await recipesOf(names, options.root)) {
    const bin = await findReady(cache, recipe)
    if (bin === undefined) missing.push(recipe)
    else ready.set(recipe.name, { name: recipe.name, version: recipe.version, source: recipe.source, bin })
  }
  let secondsLeft = missing.reduce((sum, recipe) => sum + recipe.seconds, 0)
  for (const recipe of missing) {
    secondsLeft -= recipe.seconds
    const bin = await withFileLock(path.join(cache, '.lock'), () => obtain(cache, recipe, secondsLeft, options), {
      signal: options.signal,
      onWait: () => progress({ step: recipe.name, text: 'waiting for another build on this machine' }),
    })
    ready.set(recipe.name, { name: recipe.name, version: recipe.version, source: recipe.source, bin })
  }
  return ready
}

/** The path of the one binary of a part, such as `helm-worker`; compiled first when it is nowhere. */
export async function ensurePart(name: string, options: EnsurePartsOptions = {}): Promise<string> {
  return binaryOf(await ensureParts([name], options), name)
}

/** Which of the named parts would have to be compiled. */
export async function findMissingParts(names: readonly string[], cache: string = cacheRoot()): Promise<PartRecipe[]> {
  const recipes = await recipesOf(names)
  const find = async (recipe: PartRecipe) =>
    (await findReady(path.join(cache, 'parts'), recipe)) ?? (await findPackedPart(recipe))
  const found = await Promise.all(recipes.map(find))
  return recipes.filter((_, index) => found[index] === undefined)
}

async function recipesOf(names: readonly string[], root?: string): Promise<PartRecipe[]> {
  const catalogue = await readCatalogue(root)
  return names.map((name) => {
    const recipe = catalogue.get(name)
    if (recipe === undefined) throw new Error(`there is no part ${name} in native/parts.json`)
    return recipe
  })
}

async function findReady(cache: string, recipe: PartRecipe): Promise<string | undefined> {
  const prefix = `${recipe.name}-${recipe.source}`
  const dirs = await readdir(cache).catch(() => [])
  const candidates = dirs.filter((dir) => dir.startsWith(`${prefix}-`) && !dir.includes('.part'))
  if (candidates.length === 0) return undefined
  const packed = `${prefix}-packed`
  if (candidates.includes(packed)) return path.join(cache, packed)
  const wanted = `${prefix}-${await goVersion(recipe.folder)}`
  // without a compiler any result of the same sources will do
  const dir = candidates.includes(wanted) ? wanted : wanted.endsWith('-none') ? candidates[0] : undefined
  return dir === undefined ? undefined : path.join(cache, dir)
}

async function obtain(
  cache: string,
  recipe: PartRecipe,
  secondsAfter: number,
  options: EnsurePartsOptions,
): Promise<string> {
  const before = await findReady(cache, recipe) // somebody else may have made it while we waited
  if (before !== undefined) return before
  const archive = await findPackedPart(recipe)
  if (archive !== undefined) {
    options.onProgress?.({ step: `${recipe.name} ${recipe.version}`, text: 'unpacking' })
    return stage(cache, recipe, 'packed', (dir) => unpackPart(archive, dir))
  }
  const version = await goVersion(recipe.folder)
  if (version === 'none') {
    throw new FlotillaError('local.need_missing', {
      message: `${recipe.name} must be compiled and Go was not found`,
      remedy: 'Install Go 1.21 or newer from go.dev/dl, or the package @flotilla/parts-linux-x64 that holds all parts.',
    })
  }
  return stage(cache, recipe, version, (dir) => buildPart(recipe, dir, { secondsAfter, ...options }))
}

/** Fills a folder beside its final place and moves it there once it is whole. */
async function stage(
  cache: string,
  recipe: PartRecipe,
  origin: string,
  fill: (dir: string) => Promise<void>,
): Promise<string> {
  const final = path.join(cache, `${recipe.name}-${recipe.source}-${origin}`)
  const staging = `${final}.part`
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { recursive: true })
  try {
    await fill(staging)
    await rename(staging, final)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return final
}

const goVersions = new Map<string, Promise<string>>()

/** The compiler that this folder's go.mod asks for, such as `go1.26.8`; `none` without Go. */
function goVersion(folder: string): Promise<string> {
  let version = goVersions.get(folder)
  if (version === undefined) {
    version = runCommand(['go', 'env', 'GOVERSION'], { cwd: folder }).then(
      (result) => (result.code === 0 ? result.stdout.trim() : 'none'),
      () => 'none',
    )
    goVersions.set(folder, version)
  }
  return version
}
