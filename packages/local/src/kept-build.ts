import { cp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { digestFiles, exists } from './file-contents.ts'
import { withFileLock } from './file-lock.ts'
import { cacheRoot, projectRoot } from './paths.ts'
import type { Progress } from './progress.ts'
import { runCommand } from './run-command.ts'

/** Something that a script of package.json builds out of sources, into a folder of its own. */
export interface KeptBuild {
  readonly name: string
  /** Runs npm in the root of the checkout. */
  readonly script: readonly string[]
  /** Files and folders that the build reads, below the root of the checkout. */
  readonly sources: readonly string[]
  /** The folder that it writes, below the root of the checkout. */
  readonly into: string
}

export interface EnsureOptions {
  readonly onProgress: Progress
  readonly signal?: AbortSignal | undefined
  /** The checkout, and where builds are kept; this one, and the cache of the person. */
  readonly root?: string | undefined
  readonly cache?: string | undefined
}

/** Of what is kept of one build, so many: a few branches. */
const mostKept = 5
/** Lies beside what was built and holds the digest of what it was built from. */
const markFile = '.built-from'
/** What a build of anything depends on; the last says what is installed, which a lock file that was just pulled need not. */
const alwaysRead = ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json']

/**
 * Builds what was not built from the present content of its sources. It is kept by that content beside the compiled
 * parts, so that another clone of the same has it at once.
 */
export async function ensureBuilt(build: KeptBuild, options: EnsureOptions): Promise<void> {
  const { onProgress, signal, root = projectRoot, cache = cacheRoot() } = options
  const into = path.join(root, build.into)
  const mark = path.join(into, markFile)
  const isPresent = async () =>
    (await readFile(mark, 'utf8').catch(() => undefined)) === (await digestSources(root, build))
  if (await isPresent()) return
  await withFileLock(
    path.join(cache, `${build.name}.lock`),
    async () => {
      if (await isPresent()) return
      const digest = await digestSources(root, build)
      const kept = path.join(cache, build.name, digest)
      if (await exists(kept)) return await copyWhole(kept, into)
      onProgress({ step: build.name, text: 'building' })
      // half of what comes must not be taken for what was there
      await rm(mark, { force: true })
      const result = await runCommand(['npm', 'run', '--silent', ...build.script], { cwd: root, signal })
      if (result.code !== 0)
        throw new FlotillaError('local.build_failed', {
          message: `The ${build.name} could not be built: ${(result.stderr || result.stdout).trim().slice(-800)}`,
          remedy: 'Run `npm install` and try again.',
        })
      // what was edited meanwhile is not what was built
      if ((await digestSources(root, build)) !== digest) return
      await writeFile(mark, digest)
      await keep(into, kept).catch(() => 'it is built all the same')
    },
    { signal },
  )
}

/** The digest of what a built folder was built from; empty when that is not known. */
export const readBuiltFrom = (into: string): Promise<string> =>
  readFile(path.join(into, markFile), 'utf8').catch(() => '')

/** Of everything that the build reads, and of the versions of what it is built with. */
async function digestSources(root: string, { sources }: KeptBuild): Promise<string> {
  const read = [...sources, ...alwaysRead].map((source) => listFiles(path.join(root, source)))
  const names = (await Promise.all(read)).flat().map((file) => path.relative(root, file))
  return digestFiles(root, names).slice(0, 32)
}

/** Copies a folder to be kept, in the place of the oldest of its sort. */
async function keep(from: string, kept: string): Promise<void> {
  const root = path.dirname(kept)
  const others = await readdir(root).catch(() => [])
  const ages = await Promise.all(
    others.map(async (name) => ({ name, at: (await stat(path.join(root, name))).mtimeMs })),
  )
  for (const { name } of ages.toSorted((a, b) => b.at - a.at).slice(mostKept - 1))
    await rm(path.join(root, name), { recursive: true, force: true })
  await copyWhole(from, kept)
}

/** Half a copy must never be taken for a whole one. */
async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.part`
  await rm(unfinished, { recursive: true, force: true })
  await cp(from, unfinished, { recursive: true })
  await rm(to, { recursive: true, force: true })
  await rename(unfinished, to)
}

async function listFiles(file: string): Promise<string[]> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return []
  if (!found.isDirectory()) return [file]
  const entries = await readdir(file, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
}
