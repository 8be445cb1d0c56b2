import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { withFileLock } from './file-lock.ts'
import { cacheRoot, projectRoot } from './paths.ts'
import type { Progress } from './progress.ts'
import { runCommand } from './run-command.ts'

/** Builds the console when what was built is older than its sources. */
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
      onProgress({ step: 'console', text: 'building' })
      const argv = ['npm', 'run', '--silent', '--workspace', '@flotilla/console', 'build']
      const result = await runCommand(argv, { cwd: projectRoot, signal })
      if (result.code === 0) return
      throw new FlotillaError('local.build_failed', {
        message: `The console could not be built: ${(result.stderr || result.stdout).trim().slice(-800)}`,
        remedy: 'Run `npm install` and try again.',
      })
    },
    { signal },
  )
}

async function isFresh(): Promise<boolean> {
  const built = await stat(path.join(projectRoot, 'packages/console/dist/index.html')).catch(() => undefined)
  if (built === undefined) return false
  for (const folder of ['console/src', 'console/index.html', 'console/package.json', 'api/src', 'model/src']) {
    if ((await newest(path.join(projectRoot, 'packages', folder))) > built.mtimeMs) return false
  }
  return true
}

async function newest(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isDirectory() !== true) return found?.mtimeMs ?? 0
  const entries = await readdir(file, { recursive: true, withFileTypes: true })
  const sources = entries.filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
  const times = await Promise.all(
    sources.map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).mtimeMs),
  )
  return Math.max(0, ...times)
}
