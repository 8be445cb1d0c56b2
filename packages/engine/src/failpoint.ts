import { writeSync } from 'node:fs'

/** Parses `name`, `name:3` (at the third pass), separated by commas. */
export function parseFailpoints(text: string | undefined): Map<string, number> {
  const armed = new Map<string, number>()
  for (const part of (text ?? '').split(',')) {
    const [name, pass] = part.trim().split(':')
    if (name === undefined || name === '') continue
    const count = Number(pass ?? '1')
    if (!Number.isInteger(count) || count < 1)
      throw new Error(`FLOTILLA_FAILPOINTS: "${part}" is not name or name:count`)
    armed.set(name, count)
  }
  return armed
}

const armed = parseFailpoints(process.env['FLOTILLA_FAILPOINTS'])

/**
 * A place between two writes where the tests kill this process. Does nothing unless the environment variable
 * FLOTILLA_FAILPOINTS names it; then the process ends by SIGKILL, as if the machine had lost power.
 */
export function failpoint(name: string): void {
  if (armed.size === 0) return
  const left = armed.get(name)
  if (left === undefined) return
  if (left > 1) {
    armed.set(name, left - 1)
    return
  }
  // the line is how a test knows that the kill landed where it was meant to
  writeSync(2, `failpoint ${name}\n`)
  process.kill(process.pid, 'SIGKILL')
}
