import type { Clock } from '@flotilla/kube'
import type { Failure, RenderedComponent, RenderObservation } from '@flotilla/reconcile'
import type { BlobStore } from '../../store/store.ts'
import type { RenderJob } from './render-job.ts'

const mostEntries = 20_000

interface Entry {
  readonly rendered?: RenderedComponent
  readonly failure?: Failure
}

/** What is kept of a render beside its set; holds no secret. */
type StoredRender = { readonly perCluster: true } | RenderedComponent

const blobKey = (key: string): string => `rendered/${key}`

/**
 * Results of renders by their inputs, in memory and as blobs, so that a start renders nothing that was rendered before.
 * A chart that looks things up in its cluster, or draws lots, is remembered per target, every other one for all of them.
 */
export class RenderMemory {
  readonly #blobs: BlobStore
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  readonly #perCluster = new Set<string>()
  readonly #absent = new Set<string>()
  readonly #gone = new Set<string>()

  constructor(blobs: BlobStore, clock: Clock) {
    this.#blobs = blobs
    this.#clock = clock
  }

  async observe(job: RenderJob): Promise<RenderObservation> {
    const key = this.#keyOf(job)
    const entry = this.#entries.get(key) ?? (await this.#load(job))
    if (entry?.rendered !== undefined && !this.#gone.has(entry.rendered.digest))
      return { state: 'rendered', key, rendered: { ...entry.rendered, inputs: job.inputs } }
    if (entry?.failure !== undefined) return { state: 'failed', key, failure: entry.failure }
    return { state: 'needed', key }
  }

  async remember(job: RenderJob, rendered: RenderedComponent, perCluster: boolean): Promise<void> {
    this.#gone.delete(rendered.digest)
    if (perCluster && !this.#perCluster.has(job.key)) {
      this.#perCluster.add(job.key)
      await this.#put(job.key, { perCluster: true })
    }
    const key = this.#keyOf(job)
    this.#set(key, { rendered })
    await this.#put(key, rendered)
  }

  fail(job: RenderJob, describe: (at: string, before: Failure | undefined) => Failure): void {
    const key = this.#keyOf(job)
    const at = new Date(this.#clock.now()).toISOString()
    this.#set(key, { failure: describe(at, this.#entries.get(key)?.failure) })
  }

  /** Keys of the blobs that say of these sets how they came about: without them a start would render all anew. */
  blobKeys(digests: ReadonlySet<string>): string[] {
    const named = [...this.#entries].flatMap(([key, { rendered }]) =>
      rendered !== undefined && digests.has(rendered.digest) ? [blobKey(key)] : [],
    )
    return [...named, ...[...this.#perCluster].map(blobKey)]
  }

  /** The stored set of this digest is gone: whoever wants it renders it again. */
  lose(digest: string): void {
    this.#gone.add(digest)
  }

  isLost(digest: string): boolean {
    return this.#gone.has(digest)
  }

  #keyOf({ key, target }: RenderJob): string {
    return this.#perCluster.has(key) ? `${key}@${target.cluster}/${target.namespace}` : key
  }

  async #load(job: RenderJob): Promise<Entry | undefined> {
    const key = this.#keyOf(job)
    // asked once per process: what is rendered from now on is in memory
    if (this.#absent.has(key)) return undefined
    const stored = await this.#blobs.get(blobKey(key))
    if (stored === undefined) {
      if (this.#absent.size >= mostEntries) this.#absent.clear()
      this.#absent.add(key)
      return undefined
    }
    // written by `remember`, and sealed by the store
    const render = JSON.parse(Buffer.from(stored).toString('utf8')) as StoredRender
    if ('perCluster' in render) {
      this.#perCluster.add(job.key)
      return this.#load(job)
    }
    const entry = { rendered: render }
    this.#set(key, entry)
    return entry
  }

  #set(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size <= mostEntries) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  #put(key: string, render: StoredRender): Promise<void> {
    return this.#blobs.put(blobKey(key), Buffer.from(JSON.stringify(render), 'utf8'))
  }
}
