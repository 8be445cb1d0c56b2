import { FlotillaError, refuseUnsafeIntegers } from '@flotilla/model'
import type { AddressGuard } from './address-guard.ts'
import type { SourceFile } from './archive/file-tree.ts'
import { maxOutputBytes, type RawRender, renderRaw } from './helm/raw-render.ts'
import { decodeRelease, encodeRelease, reviseRelease } from './helm/release-record.ts'
import { finishSet } from './helm/rendered-set.ts'
import { describeChart } from './helm/describe-chart.ts'
import { RawRenderCache } from './raw-render-cache.ts'
import { redactError, redactFindings } from './redact.ts'
import { RenderedCache } from './rendered-cache.ts'
import { GitCommits } from './sources/git-commits.ts'
import { IndexMemory } from './sources/index-memory.ts'
import { resolveSource } from './sources/resolve-source.ts'
import type { FoundChart } from './sources/source-context.ts'
import type { BlobStore, JsonObject, Renderer, RenderRequest } from './types.ts'
import { WorkerPool } from './worker/worker-pool.ts'
import type { WorkerVersion } from './worker/worker-protocol.ts'

export interface RendererOptions {
  /** The compiled Helm worker (`ensureParts(['helm-worker'])` of @flotilla/local). */
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
  /** Bytes of rendered sets kept in memory (default 32 MiB). */
  readonly cacheBytes?: number | undefined
}

const smallestKey = 16
/** Objects, the manifest that repeats them, and JSON's escapes. */
const protocolBytes = 4 * maxOutputBytes

/** Starts nothing until the first call. `close` ends the workers. */
export function createRenderer(options: RendererOptions): Renderer {
  if (options.digestKey.length < smallestKey) throw new Error(`digestKey must have ${smallestKey} bytes or more`)
  const pool = new WorkerPool({
    workerPath: options.workerPath,
    maxWorkers: options.maxWorkers ?? 2,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxBytes: protocolBytes,
  })
  const cache = new RawRenderCache(
    new RenderedCache(options.cacheBytes ?? 32 * 1024 * 1024, options.blobs),
    options.digestKey,
  )
  const indexes = new IndexMemory()
  const commits = new GitCommits()
  let renders = 0
  let version: Promise<WorkerVersion> | undefined

  const workerVersion = async (): Promise<WorkerVersion> => {
    version ??= pool.run<WorkerVersion>({ method: 'version', params: {} })
    try {
      return await version
    } catch (thrown) {
      version = undefined
      throw thrown
    }
  }

  const renderUncached = async (request: RenderRequest): Promise<RawRender> => {
    renders++
    return renderRaw(pool, request)
  }

  return {
    async resolveSource(source, credentials, signal = new AbortController().signal) {
      return resolveSource(source, {
        guard: options.guard,
        insecureHosts: options.insecureHosts ?? [],
        allowFileGit: options.allowFileGit ?? false,
        readUpload: options.readUpload,
        credentials,
        signal,
        versions: {
          async pickVersion(versions, range) {
            const params = { versions, range }
            const picked = await pool.run<{ version: string }>({ method: 'pickVersion', params, signal })
            return picked.version === '' ? undefined : picked.version
          },
          findChart: (index, name, wanted) =>
            pool.run<FoundChart>({
              method: 'findChart',
              params: { index: Buffer.from(index).toString('base64'), name, version: wanted },
              signal,
            }),
        },
        indexes,
        commits,
        keepChartFiles: (files) => keepChartFiles(pool, files, signal),
      })
    },

    async render(request) {
      checkRequest(request)
      try {
        const { helm, kustomize, protocol } = await workerVersion()
        const raw = await cache.find(request, `${protocol}/${helm}/${kustomize}`, renderUncached)
        const set = await finishSet(raw, request, options.digestKey)
        return { ...set, findings: redactFindings(set.findings, request.redact) }
      } catch (thrown) {
        throw redactError(thrown instanceof RangeError ? tooDeep(thrown) : thrown, request.redact)
      }
    },

    showChart: (source, signal) => describeChart(pool, source, signal),

    computeChartValues: (source, values, signal) =>
      pool.run<JsonObject>({
        method: 'chartValues',
        params: { chart: Buffer.from(source.bytes).toString('base64'), values },
        signal,
      }),

    encodeRelease: (input, signal) => encodeRelease(pool, input, signal),
    decodeRelease: (secret, signal) => decodeRelease(pool, secret, signal),
    reviseRelease: (secret, revision, signal) => reviseRelease(pool, secret, revision, signal),
    describeWorker: workerVersion,
    stats: () => ({ renders, cacheHits: cache.hits, workerRestarts: pool.restarts, workers: pool.size }),
    close: async () => {
      await Promise.all([pool.close(), commits[Symbol.asyncDispose]()])
    },
  }
}

/** The worker carries more levels than what comes after it has stack for. */
function tooDeep(cause: RangeError): FlotillaError {
  return new FlotillaError('render.failed', {
    message: 'An object that is rendered is nested too deep, or too large, to be read',
    remedy: 'Look for a template that nests or repeats without bound',
    cause,
  })
}

async function keepChartFiles(
  pool: WorkerPool,
  files: readonly SourceFile[],
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const rules = files.find((file) => file.path === '.helmignore')
  const params = { paths: files.map((file) => file.path), ignore: Buffer.from(rules?.data ?? []).toString('base64') }
  const { paths } = await pool.run<{ paths: string[] }>({ method: 'keepFiles', params, signal })
  const kept = new Set(paths)
  return files.filter((file) => kept.has(file.path))
}

function checkRequest({ release, source, values, patches }: RenderRequest): void {
  refuseUnsafeIntegers(values, 'values')
  refuseUnsafeIntegers(patches, 'patches')
  const fits = Number.isInteger(release.revision) && release.revision >= 1
  if (!fits) {
    throw new FlotillaError('input.invalid', {
      message: 'The revision of a release is a whole number from 1',
      field: 'release.revision',
      value: String(release.revision),
    })
  }
  // Helm would say the same, but with the name of a flag.
  if (source.kind === 'helm' && !/^[a-z0-9](?:[-a-z0-9.]{0,51}[a-z0-9])?$/.test(release.name)) {
    throw new FlotillaError('input.invalid', {
      message: 'A release name has at most 53 lower-case letters, digits, "-" and "."',
      field: 'helm.releaseName',
      value: release.name,
    })
  }
}
