import { readdir, readFile } from 'node:fs/promises'

/** What processes use together with all that they started. */
export interface TreeUse {
  /** Resident memory of each, added up: pages that they share count once for each. */
  readonly residentMb: number
  readonly processes: number
  /** Also of what has ended, as far as its parent waited for it. */
  readonly cpuSeconds: number
}

interface Seen {
  readonly parent: number
  readonly residentMb: number
  readonly cpuSeconds: number
}

const pageBytes = 4096
const ticksPerSecond = 100

/** From /proc, at one moment as far as that goes. */
export async function readTreeUse(roots: readonly number[]): Promise<TreeUse> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const seen = new Map<number, Seen>()
  await Promise.all(
    names.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined)
      if (stat !== undefined) seen.set(Number(name), parseStat(stat))
    }),
  )
  const within = (pid: number): boolean => {
    if (roots.includes(pid)) return true
    const parent = seen.get(pid)?.parent ?? 0
    return parent > 1 && within(parent)
  }
  const members = [...seen.keys()].filter(within).flatMap((pid) => seen.get(pid) ?? [])
  return {
    residentMb: members.reduce((sum, { residentMb }) => sum + residentMb, 0),
    processes: members.length,
    cpuSeconds: members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  }
}

/** From the state on: what is before it, the name of the program, may hold spaces. */
const fieldsOf = (stat: string): number[] =>
  stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)

function parseStat(stat: string): Seen {
  const fields = fieldsOf(stat)
  const [own = 0, system = 0, children = 0, childrenSystem = 0] = fields.slice(11, 15)
  return {
    parent: fields[1] ?? 0,
    residentMb: ((fields[21] ?? 0) * pageBytes) / 1e6,
    cpuSeconds: (own + system + children + childrenSystem) / ticksPerSecond,
  }
}

/** Processor time of what this process started and has waited for, in seconds. */
export async function readEndedCpuSeconds(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8')
  return fieldsOf(stat)
    .slice(13, 15)
    .reduce((sum, ticks) => sum + ticks / ticksPerSecond, 0)
}

export interface UsePeak {
  readonly residentMb: number
  readonly processes: number
}

const everyMs = 500

/** Looks twice a second until it is ended; what lives shorter than that may be missed. */
export function followTreePeak(roots: () => readonly number[]): { end(): Promise<UsePeak> } {
  let peak: UsePeak = { residentMb: 0, processes: 0 }
  let looking = Promise.resolve()
  let busy = false
  const look = async (): Promise<void> => {
    const { residentMb, processes } = await readTreeUse(roots())
    peak = {
      residentMb: Math.max(peak.residentMb, residentMb),
      processes: Math.max(peak.processes, processes),
    }
    busy = false
  }
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    looking = look()
  }, everyMs)
  return {
    async end() {
      clearInterval(timer)
      await looking
      await look()
      return { residentMb: Math.round(peak.residentMb), processes: peak.processes }
    },
  }
}
