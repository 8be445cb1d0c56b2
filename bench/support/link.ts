import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

export interface LinkSettings {
  /** One way. */
  readonly delayMs: number
  /** Of each connection and direction; 0 is as fast as it goes. */
  readonly bytesPerSecond: number
}

/** Starts a program of this folder, which tells its port first. */
export async function startWithPort(
  file: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(path.join(import.meta.dirname, file), args)
  const [port] = (await once(child, 'message')) as [number]
  return { child, port }
}

export const openLink = (target: number, { delayMs, bytesPerSecond }: LinkSettings) =>
  startWithPort('link-process.ts', [String(target), String(delayMs), String(bytesPerSecond)])
