import type { AddressGuard } from './address-guard.ts'
import type { BlobStore, Renderer } from './types.ts'

export interface RendererOptions {
  /** The compiled Helm worker (`ensurePart('helm-worker')` of @flotilla/local). */
  readonly workerPath: string
  /** Keys every digest that covers values; 32 bytes, the same in every replica. */
  readonly digestKey: Uint8Array
  /** Decides which addresses may be fetched from. */
  readonly guard: AddressGuard
  /** Where rendered sets outlive the process. */
  readonly blobs?: BlobStore | undefined
  /** Gives the bytes of an upload by its digest. */
  readonly readUpload?: ((digest: string, signal: AbortSignal) => Promise<Uint8Array | undefined>) | undefined
  /** `host[:port]` of registries and repositories that may be spoken to over plain HTTP. */
  readonly insecureHosts?: readonly string[] | undefined
  /** Lets `file://` Git repositories through; for tests and the local fleet. */
  readonly allowFileGit?: boolean | undefined
  /** Upper bound of workers (default 2); they start on demand and stop when idle. */
  readonly maxWorkers?: number | undefined
  /** Per call of the worker (default 30,000). */
  readonly timeoutMs?: number | undefined
  /** Bytes of rendered sets kept in memory (default 64 MiB). */
  readonly cacheBytes?: number | undefined
}

/** Starts nothing until the first call. `close` ends the workers. */
export function createRenderer(_options: RendererOptions): Renderer {
  throw new Error('not built yet')
}
