import assert from 'node:assert/strict'
import type { KubeClient } from '@flotilla/kube'
import { followTreePeak } from '../process-trees.ts'
import { image } from '../open-world.ts'
import type { GitOrigin } from './git-origin.ts'
import { seeApps } from './seen-apps.ts'
import type { Side } from './side.ts'

export const phaseNames = ['install', 'upgrade', 'oneTold', 'oneAllAsked'] as const
export type PhaseName = (typeof phaseNames)[number]

export interface Phase {
  /** Until the side said that it was done, and every object was right. */
  readonly ms: number
  /** Until every object was right in the cluster. */
  readonly seenMs: number
  /** Memory of its processes at the worst moment, and how many they were at most. */
  readonly residentMb: number
  readonly processes: number
  readonly cpuSeconds: number
  readonly renders: number
  /** Of what the objects of all applications hold afterwards. */
  readonly digest: string
}

export type Turn = Readonly<Record<PhaseName, Phase>>

/** What each side does before anything is measured, so that its programs are warm. */
export const warmNames = ['warm-0', 'warm-1', 'warm-2']

export interface TurnQuestion {
  readonly hub: KubeClient
  readonly side: Side
  readonly origin: GitOrigin
  readonly names: readonly string[]
}

/** One side installs all, upgrades all, and follows two commits that touch one: told of that one, and asked of all. */
export async function takeTurn({ hub, side, origin, names }: TurnQuestion): Promise<Turn> {
  const seen = await seeApps(hub, side.namespace, image)
  const versions = new Map<string, string>()
  const measure = async (touched: readonly string[], version: string, work: () => Promise<void>): Promise<Phase> => {
    for (const name of touched) versions.set(name, version)
    const renders = await side.countRenders()
    const cpu = await side.readCpuSeconds()
    const peak = followTreePeak(() => side.processes())
    const began = performance.now()
    const since = (): number => Math.round(performance.now() - began)
    try {
      const [seenMs] = await Promise.all([seen.until(touched, version).then(since), work()])
      const ms = since()
      const cpuSeconds = Math.round(((await side.readCpuSeconds()) - cpu) * 10) / 10
      const digest = await seen.check(versions)
      return { ms, seenMs, cpuSeconds, renders: (await side.countRenders()) - renders, digest, ...(await peak.end()) }
    } finally {
      await peak.end()
    }
  }
  try {
    const warm = await origin.commit([...names, ...warmNames], '1')
    await side.install(warmNames, warm)
    const next = await origin.commit(warmNames, '2')
    await side.deliver(warmNames, next)

    const install = await measure(names, '1', () => side.install(names, next))
    // whatever a side remembers, these were never rendered before
    assert.ok(install.renders >= names.length, `only ${install.renders} renders were counted for an install`)
    const all = await origin.commit(names, '2')
    const upgrade = await measure(names, '2', () => side.deliver(names, all))
    const [first = '', second = ''] = [names[Math.floor(names.length / 2)], names[Math.floor(names.length / 3)]]
    const one = await origin.commit([first], '3')
    const oneTold = await measure([first], '3', () => side.deliver([first], one))
    const other = await origin.commit([second], '4')
    const oneAllAsked = await measure([second], '4', () => side.deliver(names, other))
    return { install, upgrade, oneTold, oneAllAsked }
  } finally {
    seen.close()
  }
}
