import {
  asFlotillaError,
  type Component,
  FlotillaError,
  type ResolvedSource,
  canonicalJson,
  sameJson,
} from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import { type Failure, type SourceObservation } from '@flotilla/reconcile'
import type { Renderer } from '@flotilla/render'
import type { HostState } from '../../fleet/host-state.ts'
import type { Revision } from '../../store/store.ts'
import { loadCredential } from './credentials.ts'
import { hostOf, isMoving, kindOf, originOf, sourceOf, toRenderSource } from './source-spec.ts'
import type { SourceStore } from './source-store.ts'

export interface SourceMemoryDeps {
  readonly renderer: Pick<Renderer, 'resolveSource'>
  readonly sources: SourceStore
  readonly credentials: HostState['credentials']
  readonly host: KubeClient
  readonly now: () => string
}

export interface SourceQuestion {
  readonly applicationUid: string
  readonly namespace: string
  readonly component: Component
  /** Place of the component in the spec, for errors. */
  readonly index: number
}

interface Entry {
  readonly asked: string
  readonly observation: SourceObservation
}

const longestResolveMs = 120_000

/** What each component's source was resolved to. In memory; after a start it is found again in history and blobs. */
export class SourceMemory {
  readonly #deps: SourceMemoryDeps
  readonly #entries = new Map<string, Entry>()

  constructor(deps: SourceMemoryDeps) {
    this.#deps = deps
  }

  /** What is known now; asks nobody outside. */
  async observe(question: SourceQuestion, latest: Revision | undefined): Promise<SourceObservation> {
    const { key, asked } = keyOf(question)
    const entry = this.#entries.get(key)
    if (entry?.asked === asked) return entry.observation
    const found = await this.#remember(question, latest)
    if (found === undefined) return { state: 'unseen' }
    this.#entries.set(key, { asked, observation: found })
    return found
  }

  /** Fetches and pins; a failure is remembered beside what was resolved before. */
  async resolve(question: SourceQuestion, syncRequest: string | undefined, signal: AbortSignal): Promise<void> {
    const { key, asked } = keyOf(question)
    const entry = this.#entries.get(key)
    const before = entry?.asked === asked ? entry.observation : undefined
    const at = this.#deps.now()
    try {
      const source = await this.#fetch(question, signal)
      const moving = isMoving(originOf(question.component))
      const old = before?.state === 'resolved' ? before.source : undefined
      // the time says since when it is this content
      const resolved = old?.digest === source.digest ? { ...source, resolvedAt: old.resolvedAt } : source
      this.#entries.set(key, {
        asked,
        observation: { state: 'resolved', source: resolved, moving, checkedAt: at, syncRequest },
      })
    } catch (thrown) {
      signal.throwIfAborted()
      const failure = describeFailure(thrown, at, failureOf(before))
      this.#entries.set(key, {
        asked,
        observation:
          before?.state === 'resolved'
            ? { ...before, syncRequest, failure }
            : { state: 'failed', failure, syncRequest },
      })
    }
  }

  /** What a source is now, remembered or fetched; leaves no trace in what is observed. Errors: `source.*`. */
  async peek(question: SourceQuestion, signal: AbortSignal): Promise<ResolvedSource> {
    const { key, asked } = keyOf(question)
    const entry = this.#entries.get(key)
    if (entry?.asked === asked && entry.observation.state === 'resolved') return entry.observation.source
    const remembered = await this.#remember(question, undefined)
    if (remembered?.state === 'resolved') return remembered.source
    return this.#fetch(question, signal)
  }

  /** What a source is now, asked for anew where it can move; leaves no trace in what is observed. Errors: `source.*`. */
  async pin(question: SourceQuestion, signal: AbortSignal): Promise<ResolvedSource> {
    return isMoving(originOf(question.component)) ? this.#fetch(question, signal) : this.peek(question, signal)
  }

  forget(applicationUid: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(`${applicationUid}/`)) this.#entries.delete(key)
  }

  async #fetch({ component, namespace, index }: SourceQuestion, outer: AbortSignal): Promise<ResolvedSource> {
    const deadline = AbortSignal.timeout(longestResolveMs)
    const signal = AbortSignal.any([outer, deadline])
    const { renderer, sources, credentials, host, now } = this.#deps
    const origin = originOf(component)
    const opened =
      component.credentialName === undefined
        ? undefined
        : await loadCredential({
            credentials,
            host,
            namespace,
            name: component.credentialName,
            sourceHost: hostOf(origin),
            field: `spec.components[${index}].credentialName`,
            signal,
          })
    const source = await renderer.resolveSource(toRenderSource(component), opened, signal).catch((thrown: unknown) => {
      if (!deadline.aborted) throw thrown
      throw new FlotillaError('source.unreachable', {
        message: `The source of ${component.name} was not read within ${longestResolveMs / 1000} s`,
        cause: thrown,
      })
    })
    await sources.put(source)
    const resolved: ResolvedSource = {
      component: component.name,
      digest: source.digest,
      version: source.revision,
      pinned: source.pinned,
      resolvedAt: now(),
    }
    if (!isMoving(origin)) await sources.putPin(sourceOf(component), resolved)
    return resolved
  }

  /** What an earlier process resolved: from the history while the source is declared as it was then, or by its pin. */
  async #remember({ component }: SourceQuestion, latest: Revision | undefined): Promise<SourceObservation | undefined> {
    const { sources } = this.#deps
    const declared = sourceOf(component)
    const moving = isMoving(originOf(component))
    const then = latest?.spec.components.find(({ name }) => name === component.name)
    const fromHistory =
      then !== undefined && sameJson(sourceOf(then), declared)
        ? latest?.sources.find((source) => source.component === component.name)
        : undefined
    const pin = fromHistory ?? (moving ? undefined : await sources.getPin(declared))
    if (pin === undefined) return undefined
    if ((await sources.get(kindOf(component), pin.digest)) === undefined) return undefined
    const source = { ...pin, component: component.name }
    return { state: 'resolved', source, moving, checkedAt: pin.resolvedAt }
  }
}

const keyOf = ({ applicationUid, component }: SourceQuestion): { key: string; asked: string } => ({
  key: `${applicationUid}/${component.name}`,
  asked: canonicalJson(sourceOf(component)),
})

const failureOf = (observation: SourceObservation | undefined): Failure | undefined =>
  observation === undefined || observation.state === 'unseen' ? undefined : observation.failure

/** A failure as an observation; it counts on from the one before. */
export function describeFailure(thrown: unknown, at: string, before: Failure | undefined): Failure {
  const error = asFlotillaError(thrown)
  const remedy = error.remedy === undefined ? '' : `. ${error.remedy}`
  return {
    code: error.code,
    next: error.next,
    message: `${error.message}${remedy}`.slice(0, 1500),
    ...(error.field === undefined ? {} : { field: error.field }),
    at,
    attempts: (before?.attempts ?? 0) + 1,
  }
}
