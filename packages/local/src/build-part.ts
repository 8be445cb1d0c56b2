import { FlotillaError } from '@flotilla/model'
import type { PartRecipe } from './parts-catalogue.ts'
import { silent, type Progress } from './progress.ts'
import { runCommand } from './run-command.ts'

export interface BuildOptions {
  readonly onProgress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
  /** Estimated seconds of the parts that come after this one. */
  readonly secondsAfter: number
}

const reportEvery = 1000

/** Compiles one part's binaries into a folder. Throws `local.build_failed` with the compiler's last words. */
export async function buildPart(recipe: PartRecipe, into: string, options: BuildOptions): Promise<void> {
  const progress = options.onProgress ?? silent
  const step = `${recipe.name} ${recipe.version}`
  // a static binary runs in an image without a C library; a user's flags would make the cache's key lie
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOOS: 'linux' }
  const run = async (what: string, args: string[], onErrorLine?: (line: string) => void) => {
    const result = await runCommand(['go', ...args], { cwd: recipe.folder, env, signal: options.signal, onErrorLine })
    if (result.code === 0) return result.stdout
    throw new FlotillaError('local.build_failed', {
      message: `${what} ${step} failed: ${result.stderr.trim().split('\n').slice(-8).join('\n')}`,
      remedy: 'Read the last lines above; a full disk or no way to the Go module proxy are the usual reasons.',
    })
  }

  progress({ step, text: 'downloading its modules' })
  const tags = recipe.tags === '' ? [] : ['-tags', recipe.tags]
  const packages = await run('Downloading', ['list', '-mod=readonly', '-deps', ...tags, recipe.package], (line) => {
    if (line.startsWith('go: downloading')) progress({ step, text: line.slice('go: '.length) })
  })
  const total = packages.split('\n').length
  const began = Date.now()
  let done = 0
  let reported = 0
  const flags = ['-v', '-trimpath', '-buildvcs=false', '-mod=readonly', ...tags, '-ldflags', recipe.ldflags]
  await run('Compiling', ['build', ...flags, '-o', `${into}/`, recipe.package], () => {
    done++
    if (Date.now() - reported < reportEvery) return
    reported = Date.now()
    progress({
      step,
      text: `compiling, ${done} of ${total} packages`,
      fraction: Math.min(done / total, 0.99),
      secondsLeft: computeSecondsLeft(recipe.seconds, done / total, (Date.now() - began) / 1000) + options.secondsAfter,
    })
  })
  progress({ step, text: 'compiled', fraction: 1 })
}

/** Trusts the catalogue's figure at first and this machine's own pace the further it gets. */
export function computeSecondsLeft(estimate: number, fraction: number, elapsed: number): number {
  if (fraction <= 0) return estimate
  const byPace = (elapsed / fraction) * (1 - fraction)
  const byEstimate = estimate * (1 - fraction)
  return Math.round(byEstimate * (1 - fraction) + byPace * fraction)
}
