import { readFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'

/** Where a result comes from: enough to compare with another, nothing that names the machine. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly kernel: string
  readonly node: string
}

export function describeMachine(): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: release().split('-')[0] ?? '',
    node: process.version,
  }
}

/** What else the machine did, as far as the kernel says: a figure taken under load says little. */
export interface Load {
  /** Processes that ran or waited, on average over the last minute. */
  readonly perMinute: number
  /** Share of the last 10 s in which something waited for a processor, in percent. */
  readonly waitingPercent: number | undefined
}

export async function readLoad(): Promise<Load> {
  const pressure = await readFile('/proc/pressure/cpu', 'utf8').catch(() => '')
  const waiting = /avg10=([\d.]+)/.exec(pressure)?.[1]
  return {
    perMinute: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    waitingPercent: waiting === undefined ? undefined : Number(waiting),
  }
}
