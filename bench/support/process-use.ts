import { readFile } from 'node:fs/promises'

/** What a process uses, its children not counted. */
export interface ProcessUse {
  readonly residentMb: number
  /** The part that is its own: heap and stacks, without files that others share. */
  readonly anonymousMb: number
  readonly cpuSeconds: number
  readonly threads: number
}

/** Ticks per second that Linux shows to programs, on every machine. */
const ticksPerSecond = 100

/** From /proc. Errors: the process is gone. */
export async function readProcessUse(pid: number): Promise<ProcessUse> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ])
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  // the second field may hold spaces; those after it do not
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    residentMb: megabytes(kilobytes('VmRSS')),
    anonymousMb: megabytes(kilobytes('RssAnon')),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    threads: kilobytes('Threads'),
  }
}

const megabytes = (kilobytes: number): number => Math.round((kilobytes * 1024) / 1e5) / 10

/** Processes that this one started and that still run. */
export async function listChildren(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.trim().split(' ').filter(Boolean).map(Number)
}
