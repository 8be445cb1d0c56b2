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

let armed = parseFailpoints(process.env['FLOTILLA_FAILPOINTS'])
let heard: ((name: string) => void) | undefined

/** For tests that steer a process while it runs: takes the place of what was armed, and counts from now. */
export function armFailpoints(text: string | undefined): void {
  armed = parseFailpoints(text)
}

/** For tests: told of each one that is passed, before it kills. */
export function listenToFailpoints(listener: (name: string) => void): void {
  heard = listener
}

/**
 * A place between two writes where the tests kill this process. Does nothing unless the environment variable
 * FLOTILLA_FAILPOINTS names it; then the process ends by SIGKILL, as if the machine had lost power.
 */
export function failpoint(name: string): void {
  heard?.(name)
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
