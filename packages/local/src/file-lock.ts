import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

/**
 * Runs `work` while holding an exclusive lock on a file. The kernel lets go when this process ends, however it ends:
 * the lock belongs to a small child that lives as long as the pipe to us is open.
 */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  options: { signal?: AbortSignal | undefined; onWait?: (() => void) | undefined } = {},
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true })
  const child = spawn('flock', [file, 'sh', '-c', 'echo held; cat >/dev/null'], {
    // a group of its own: the terminal's Ctrl-C must not take the lock away while we still clean up
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const waiting = setTimeout(() => options.onWait?.(), 500)
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`could not lock ${file}: exit code ${code}`)))
      child.stdout.once('data', () => resolve())
    })
    child.on('error', () => undefined) // an abort later on is for the work to notice
    clearTimeout(waiting)
    return await work()
  } finally {
    clearTimeout(waiting)
    child.stdin.end()
    await gone
  }
}
