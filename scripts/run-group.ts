import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import type { GroupReport } from './run-together.ts'

/** Runs the test files of its arguments in this one process, and tells its parent what came of them (see run-together.ts). */
const files = process.argv.slice(2)
const failed = new Set<string>()
let counted = { passed: 0, skipped: 0 }
const stream = run({ files, isolation: 'none' })
stream.on('test:fail', ({ file, details }) => {
  if (details.type === 'suite') return
  failed.add(file === undefined ? '' : path.relative('.', file))
})
stream.on('test:summary', ({ counts }) => {
  counted = { passed: counts.passed, skipped: counts.skipped + counts.todo }
})
stream.on('end', () => {
  // where a failure names no file of ours, any of them may be the one
  const names = [...failed].every((file) => files.includes(file)) ? [...failed] : files
  const report: GroupReport = { ...counted, failed: counted.passed === 0 ? files : names }
  process.send?.(report)
})
stream.compose(spec).pipe(process.stdout)
