import type { KubeClient } from '@flotilla/kube'
import type { Fleet } from '@flotilla/local'
import type { GitOrigin } from './git-origin.ts'

/** Who brings the applications of a repository to the cluster. */
export interface Side extends AsyncDisposable {
  /** Where its objects land, in the cluster `hub`. */
  readonly namespace: string
  /** Its processes; what they start is counted with them. */
  processes(): readonly number[]
  /** Processor time that it used so far, in seconds. */
  readCpuSeconds(): Promise<number>
  /** Brings new applications; resolves when the side itself says that all are there and healthy. */
  install(names: readonly string[], commit: string): Promise<void>
  /** Tells the side to look at these applications again, after a commit; resolves as `install` does. */
  deliver(names: readonly string[], commit: string): Promise<void>
  /** How many times it rendered an application so far. */
  countRenders(): Promise<number>
}

export const sideNames = ['flotilla', 'argo', 'helm'] as const
export type SideName = (typeof sideNames)[number]

export interface SideQuestion {
  readonly fleet: Fleet
  readonly hub: KubeClient
  readonly origin: GitOrigin
  /** Suffix of the names that it makes. */
  readonly run: string
}

/** How many objects are written at once to whoever takes wishes as objects: the same for all. */
export const writesAtOnce = 8

export const longestPhaseMs = 20 * 60_000
