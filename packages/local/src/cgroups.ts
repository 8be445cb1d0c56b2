import { readdir, readFile, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Removes a control group that no process is in, in every hierarchy. Not there is fine. */
export async function removeCgroups(group: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[2] === 'cgroup' || fields[2] === 'cgroup2')
    .map((fields) => path.join(fields[1] ?? '', group))
  // the kernel lets go of ended processes a moment after they are gone
  for (let attempt = 0; attempt < 40; attempt++) {
    const left = await Promise.all(mounts.map(removeTree))
    if (!left.includes(false)) return
    await sleep(50)
  }
}

/** Whether the folder is gone. Only folders can be removed in a control group tree; its files go with them. */
async function removeTree(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return true
  for (const entry of entries) if (entry.isDirectory()) await removeTree(path.join(dir, entry.name))
  return rmdir(dir).then(
    () => true,
    () => false,
  )
}
