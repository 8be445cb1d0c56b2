import { spawnSync } from 'node:child_process'

/** `make check`: everything that can be said about the code without running it. Runs all, then says which failed. */
const checks: readonly [string, string, string[]][] = [
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['types of the console', 'tsc', ['-p', 'packages/console/tsconfig.json']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['format', 'oxfmt', ['--check']],
  ['unused code', 'knip', ['--no-progress', '--no-config-hints']],
]

const failed = checks.filter(([name, command, args]) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`)
  return status !== 0
})
process.exitCode = failed.length === 0 ? 0 : 1
