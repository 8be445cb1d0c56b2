import { spawn } from 'node:child_process'
import { chown } from 'node:fs/promises'

/** What root must see as the person does: the same cache, the same programs. */
const kept = ['HOME', 'PATH', 'XDG_CACHE_HOME', 'FLOTILLA_DEBUG', 'FLOTILLA_TEST_FLEET', 'TERM', 'NO_COLOR']

/** Runs this very command again through sudo; the answer is its exit code. */
export function runAgainAsRoot(): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      'sudo',
      [`--preserve-env=${kept.join(',')}`, process.execPath, ...process.execArgv, ...process.argv.slice(1)],
      { stdio: 'inherit' },
    )
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 130))
  })
}

export const isRoot = (): boolean => process.getuid?.() === 0

/** Gives a file that root wrote to the person who called sudo; without sudo it stays as it is. */
export async function giveToCaller(file: string): Promise<void> {
  const uid = Number(process.env['SUDO_UID'])
  const gid = Number(process.env['SUDO_GID'])
  if (isRoot() && uid > 0 && gid > 0) await chown(file, uid, gid)
}
