import type { AddressGuard } from '../address-guard.ts'
import type { SourceCredentials } from '../types.ts'
import { HttpClient } from './http-client.ts'
import type { GitCommits } from './git-commits.ts'
import type { IndexMemory } from './index-memory.ts'

/** What every kind of source needs to fetch. */
export interface SourceContext {
  readonly guard: AddressGuard
  readonly insecureHosts: readonly string[]
  readonly allowFileGit: boolean
  readonly credentials: SourceCredentials | undefined
  readonly signal: AbortSignal
  /** Helm's own rules for versions, which live in the worker. */
  readonly versions: VersionRules
  readonly indexes: IndexMemory
  readonly commits: GitCommits
}

export interface VersionRules {
  /** Newest of `versions` within a range; undefined when none fits. */
  pickVersion(versions: readonly string[], range: string): Promise<string | undefined>
  findChart(index: Uint8Array, name: string, version: string): Promise<FoundChart>
}

export interface FoundChart {
  readonly version: string
  readonly urls: readonly string[]
  readonly digest: string
}

export function openHttpClient(context: SourceContext, field: string): HttpClient {
  return new HttpClient({
    guard: context.guard,
    insecureHosts: context.insecureHosts,
    ca: context.credentials?.ca,
    field,
    signal: context.signal,
  })
}

export const maxChartBytes = 32 * 1024 * 1024
