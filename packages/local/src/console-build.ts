import { cp, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { digestFiles, exists } from './file-contents.ts'
import { withFileLock } from './file-lock.ts'
import { cacheRoot, projectRoot } from './paths.ts'
import type { Progress } from './progress.ts'
import { runCommand } from './run-command.ts'

/**
 * Builds the console when what was built is older than its sources. What was built is kept beside the compiled parts by
 * the content of its sources, so that another clone of the same has it at once.
 */
export async function ensureConsole(options: {
  onProgress: Progress
  signal?: AbortSignal | undefined
}): Promise<void> {
  const { onProgress, signal } = options
  if (await isFresh()) return
  await withFileLock(
    path.join(cacheRoot(), 'console.lock'),
    async () => {
      if (await isFresh()) return
      const digest = await digestSources()
      const kept = path.join(keptRoot(), digest)
      if (await exists(kept)) return await copyWhole(kept, dist)
      onProgress({ step: 'console', text: 'building' })
      const argv = ['npm', 'run', '--silent', '--workspace', '@flotilla/console', 'build']
      const result = await runCommand(argv, { cwd: projectRoot, signal })
      if (result.code === 0) {
        // what was edited meanwhile is not what was built
        if ((await digestSources()) === digest) await keep(kept).catch(() => 'it is built all the same')
        return
      }
      throw new FlotillaError('local.build_failed', {
        message: `The console could not be built: ${(result.stderr || result.stdout).trim().slice(-800)}`,
        remedy: 'Run `npm install` and try again.',
      })
    },
    { signal },
  )
}

const dist = path.join(projectRoot, 'packages/console/dist')
const keptRoot = (): string => path.join(cacheRoot(), 'console')
const sources = [
  'packages/console/src',
  'packages/console/public',
  'packages/console/index.html',
  'packages/console/package.json',
  'packages/console/tsconfig.json',
  'packages/console/vite.config.ts',
  'packages/api/src',
  'packages/api/package.json',
  'packages/model/src',
  'packages/model/package.json',
  'tsconfig.json',
  // what is installed, which a lock file that was just pulled need not be
  'node_modules/.package-lock.json',
]
/** Of what is kept, so many: a few branches. */
const mostKept = 5

async function isFresh(): Promise<boolean> {
  const built = await stat(path.join(dist, 'index.html')).catch(() => undefined)
  if (built === undefined) return false
  for (const source of sources) {
    if ((await newest(path.join(projectRoot, source))) > built.mtimeMs) return false
  }
  return true
}

/** Of everything that the build reads, and of the versions of what it is built with. */
async function digestSources(): Promise<string> {
  const files = await Promise.all(sources.map((source) => listFiles(path.join(projectRoot, source))))
  const names = files.flat().map((file) => path.relative(projectRoot, file))
  return (await digestFiles(projectRoot, names)).slice(0, 32)
}

async function keep(kept: string): Promise<void> {
  const others = await readdir(keptRoot()).catch(() => [])
  const ages = await Promise.all(
    others.map(async (name) => ({ name, at: (await stat(path.join(keptRoot(), name))).mtimeMs })),
  )
  for (const { name } of ages.toSorted((a, b) => b.at - a.at).slice(mostKept - 1))
    await rm(path.join(keptRoot(), name), { recursive: true, force: true })
  await copyWhole(dist, kept)
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

async function newest(file: string): Promise<number> {
  const times = await Promise.all((await listFiles(file)).map(async (one) => (await stat(one)).mtimeMs))
  return Math.max(0, ...times)
}
