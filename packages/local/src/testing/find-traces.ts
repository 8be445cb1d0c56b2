import { readFile } from 'node:fs/promises'
import type { FleetRecord } from '../fleet-record.ts'
import { runCommand } from '../run-command.ts'

/** Everything on this machine that still bears the fleet's name. */
export async function findTraces(fleet: FleetRecord): Promise<string[]> {
  const [links, tables, mounts, processes, groups] = await Promise.all([
    runCommand(['ip', '-o', 'link', 'show']),
    runCommand(['nft', 'list', 'tables']),
    readFile('/proc/self/mounts', 'utf8'),
    runCommand(['pgrep', '-af', `${fleet.dir}/clusters`]),
    runCommand(['find', '/sys/fs/cgroup', '-type', 'd', '-path', `*flotilla/${fleet.id}*`]),
  ])
  const named = (text: string, word: string) => text.split('\n').filter((line) => line.includes(word))
  return [
    ...named(links.stdout, fleet.bridge),
    ...named(tables.stdout, fleet.bridge.replace('-', '_')),
    ...named(mounts, fleet.dir),
    ...named(processes.stdout, fleet.dir),
    ...groups.stdout.split('\n').filter(Boolean),
  ]
}
