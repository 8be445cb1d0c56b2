import { type KubeObject, canonicalJson } from '@flotilla/model'
import { keyedDigest } from './digests.ts'
import type { RawHook, RawRender } from './helm/raw-render.ts'
import type { RenderedCache } from './rendered-cache.ts'
import type { LookupQuery, RenderRequest } from './types.ts'

interface Answer {
  readonly query: LookupQuery
  readonly digest: string
}

/** One set of lookup answers that a chart was rendered with before, and where the result is. */
interface Variant {
  readonly answers: readonly Answer[]
  readonly key: string
}

const maxVariants = 8

/**
 * Finds what was rendered before from the same inputs. Which objects a chart looks up is known only by rendering it, so the
 * first key leads to the variants seen; one counts when every lookup gives the same answer now.
 */
export class RawRenderCache {
  readonly #cache: RenderedCache
  readonly #digestKey: Uint8Array
  readonly #running = new Map<string, Promise<void>>()
  #hits = 0

  constructor(cache: RenderedCache, digestKey: Uint8Array) {
    this.#cache = cache
    this.#digestKey = digestKey
  }

  get hits(): number {
    return this.#hits
  }

  async find(
    request: RenderRequest,
    workerVersion: string,
    render: (request: RenderRequest) => Promise<RawRender>,
  ): Promise<RawRender> {
    const inputs = this.#inputsKey(request, workerVersion)
    // The same inputs at the same time are rendered once: a chart with random parts must not give two results.
    for (let other = this.#running.get(inputs); other !== undefined; other = this.#running.get(inputs)) {
      await other
      request.signal?.throwIfAborted()
    }
    const work = this.#findOrRender(inputs, request, render)
    const ended = work.then(
      () => undefined,
      () => undefined,
    )
    this.#running.set(inputs, ended)
    try {
      return await work
    } finally {
      this.#running.delete(inputs)
    }
  }

  async #findOrRender(
    inputs: string,
    request: RenderRequest,
    render: (request: RenderRequest) => Promise<RawRender>,
  ): Promise<RawRender> {
    const variants = ((await this.#cache.get(inputs)) ?? []) as readonly Variant[] // written below
    const asked = new LookupMemory(request, this.#digestKey)
    for (const variant of variants) {
      if (!(await asked.givesSame(variant.answers))) continue
      const parts = await this.#cache.get(variant.key)
      const found = parts === undefined ? undefined : fromParts(parts)
      if (found === undefined) continue
      this.#hits++
      return found
    }
    const raw = await render({ ...request, lookup: asked.lookup })
    const answers = raw.lookups.map((query) => ({ query, digest: asked.digestOf(query) }))
    const key = keyedDigest(this.#digestKey, canonicalJson([inputs, answers]))
    await this.#cache.put(key, toParts(raw))
    const others = variants.filter((variant) => variant.key !== key)
    await this.#cache.put(inputs, [{ answers, key }, ...others].slice(0, maxVariants))
    return raw
  }

  #inputsKey(request: RenderRequest, workerVersion: string): string {
    const { source, release, values, capabilities, lookup } = request
    const target =
      source.kind === 'helm' ? { release, values: values ?? {}, capabilities, lookup: lookup !== undefined } : undefined
    const inputs = { workerVersion, kind: source.kind, digest: source.digest, path: source.path, target }
    return keyedDigest(this.#digestKey, canonicalJson(inputs))
  }
}

/** Asks each question once per render, so that a check of the cache and the render see the same world. */
class LookupMemory {
  readonly #request: RenderRequest
  readonly #digestKey: Uint8Array
  readonly #known = new Map<string, Promise<unknown>>()
  readonly #digests = new Map<string, string>()
  readonly #never = new AbortController().signal

  constructor(request: RenderRequest, digestKey: Uint8Array) {
    this.#request = request
    this.#digestKey = digestKey
  }

  get lookup(): RenderRequest['lookup'] {
    if (this.#request.lookup === undefined) return undefined
    return async (query, signal) => (await this.#ask(query, signal)) as KubeObject | null // what the caller's lookup gave
  }

  async givesSame(answers: readonly Answer[]): Promise<boolean> {
    for (const { query, digest } of answers) {
      await this.#ask(query, this.#request.signal ?? this.#never)
      if (this.digestOf(query) !== digest) return false
    }
    return true
  }

  digestOf(query: LookupQuery): string {
    return this.#digests.get(canonicalJson(query)) ?? ''
  }

  async #ask(query: LookupQuery, signal: AbortSignal): Promise<unknown> {
    const key = canonicalJson(query)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const asked = Promise.resolve(this.#request.lookup?.(query, signal) ?? null)
    this.#known.set(key, asked)
    const answer = await asked
    this.#digests.set(key, keyedDigest(this.#digestKey, canonicalJson(answer)))
    return answer
  }
}

type Part =
  | { readonly type: 'head'; readonly head: Omit<RawRender, 'objects' | 'crds' | 'hooks'> }
  | { readonly type: 'object' | 'crd'; readonly object: KubeObject }
  | { readonly type: 'hook'; readonly hook: RawHook }

/** One value per object, so that writing and reading a large set can give way in between. */
function toParts({ objects, crds, hooks, ...head }: RawRender): Part[] {
  return [
    { type: 'head', head },
    ...objects.map((object): Part => ({ type: 'object', object })),
    ...crds.map((object): Part => ({ type: 'crd', object })),
    ...hooks.map((hook): Part => ({ type: 'hook', hook })),
  ]
}

function fromParts(parts: readonly unknown[]): RawRender | undefined {
  let head: Omit<RawRender, 'objects' | 'crds' | 'hooks'> | undefined
  const objects: KubeObject[] = []
  const crds: KubeObject[] = []
  const hooks: RawHook[] = []
  for (const part of parts as readonly Part[]) {
    if (part.type === 'head') head = part.head
    else if (part.type === 'hook') hooks.push(part.hook)
    else (part.type === 'crd' ? crds : objects).push(part.object)
  }
  return head === undefined ? undefined : { ...head, objects, crds, hooks }
}
