import { type Controller, failpoint } from '@flotilla/engine'
import {
  asFlotillaError,
  canonicalJson,
  known,
  type KubeObject,
  type Next,
  type Release,
  settled,
  unknown,
  waiting,
} from '@flotilla/model'
import {
  type FreezeSight,
  freezeKey,
  isAtLeast,
  reconcileRelease,
  type ReleaseObserved,
  type ReleaseStatus,
} from '@flotilla/reconcile'
import { observeDeliveries } from '../application/observe-host.ts'
import { asKubeObject } from '../as-kube-object.ts'
import type { ReleaseDeps } from './deps.ts'
import { freezeRelease } from './freeze.ts'
import { subscribeReleases } from './subscribe-releases.ts'

export interface ReleaseController {
  /** Keys are `namespace/name` of Releases. */
  readonly controller: Controller
  subscribe(enqueue: (key: string) => void): () => void
}

/** Others may have their words said while some are being frozen. */
const concurrency = 6
const frozenAtOnce = 2
const mostPasses = 3
const longestFreezeMs = 30 * 60_000
/** Words of progress are said this often at most. */
const progressMs = 2_000

interface Bench extends ReleaseDeps {
  /** By uid of Release; gone once it stands in the status. */
  readonly freezes: Map<string, FreezeSight>
  /** Releases as our last write of their status left them, by key. */
  readonly written: Map<string, Release>
  freezing: number
}

/** From drafts to frozen releases, and to what became of them. */
export function createReleaseController(deps: ReleaseDeps): ReleaseController {
  const bench: Bench = { ...deps, freezes: new Map(), written: new Map(), freezing: 0 }
  return {
    controller: { name: 'release', concurrency, work: (key, signal) => work(bench, key, signal) },
    subscribe: (enqueue) => subscribeReleases(deps.shared.state, enqueue),
  }
}

async function work(bench: Bench, key: string, signal: AbortSignal): Promise<Next> {
  const { state } = bench.shared
  const [namespace = '', name = ''] = key.split('/')
  const seen = state.releases.get(namespace, name)
  if (seen === undefined) {
    bench.written.delete(key)
    const there = new Set(state.releases.list().map(({ metadata }) => metadata.uid))
    for (const uid of bench.freezes.keys()) if (!there.has(uid)) bench.freezes.delete(uid)
    return settled
  }
  let release = newest(seen, bench.written.get(key))
  const { uid = '' } = release.metadata
  if (release.status?.frozen !== undefined) bench.freezes.delete(uid)
  for (let pass = 0; pass < mostPasses; pass++) {
    const observed = observe(bench, release)
    const decision = reconcileRelease({ object: release, observed, now: bench.shared.now() })
    const wanted = decision.effects.length > 0
    // said before it is begun, so that whoever looks sees what is going on
    release = await write(bench, key, release, decision.status, signal)
    if (!wanted) return decision.next
    if (bench.freezing >= frozenAtOnce) return waiting(2, 'others are being frozen')
    bench.freezing++
    try {
      release = await freeze(bench, key, release, observed, signal)
    } finally {
      bench.freezing--
    }
  }
  return waiting(1, 'it is looked at again')
}

/** The newer of what the watch shows and what we wrote. */
function newest(seen: Release, own: Release | undefined): Release {
  if (own === undefined || own.metadata.uid !== seen.metadata.uid) return seen
  return isAtLeast(seen.metadata.resourceVersion ?? '', own.metadata.resourceVersion ?? '') ? seen : own
}

function observe({ shared: { state }, freezes }: Bench, { metadata, spec }: Release): ReleaseObserved {
  const { namespace = '', uid = '' } = metadata
  const hidden = (kind: { readonly unreadable: ReadonlyMap<string, string> }, isHidden: (key: string) => boolean) =>
    [...kind.unreadable].find(([key]) => isHidden(key))
  const application = hidden(state.applications, (key) => key === `${namespace}/${spec.application}`)
  const rollout = hidden(state.rollouts, (key) => key.startsWith(`${namespace}/`))
  return {
    application:
      application === undefined
        ? known(state.applications.get(namespace, spec.application))
        : unknown(`application ${spec.application} cannot be read: ${application[1]}`),
    rollouts:
      rollout === undefined
        ? known(state.rollouts.list(namespace).filter((one) => one.spec.application === spec.application))
        : unknown(`rollout ${rollout[0]} cannot be read: ${rollout[1]}`),
    deliveries: observeDeliveries(state, namespace, spec.application),
    freeze: freezes.get(uid) ?? { state: 'absent' },
  }
}

/** @returns the release as the words of progress left it */
async function freeze(
  bench: Bench,
  key: string,
  begun: Release,
  observed: ReleaseObserved,
  outer: AbortSignal,
): Promise<Release> {
  const { freezes, shared } = bench
  const { uid = '' } = begun.metadata
  const before = freezes.get(uid)
  const application = observed.application.known ? observed.application.value : undefined
  const asked = application === undefined ? '' : freezeKey(begun, application)
  const deadline = AbortSignal.timeout(longestFreezeMs)
  const signal = AbortSignal.any([outer, deadline])
  let release = begun
  let said = shared.clock.elapsed()
  const progress = async (done: number, total: number): Promise<void> => {
    if (shared.clock.elapsed() - said < progressMs) return
    said = shared.clock.elapsed()
    const sight: FreezeSight = { state: 'running', done, total }
    const { status } = reconcileRelease({
      object: release,
      observed: { ...observed, freeze: sight },
      now: shared.now(),
    })
    release = await write(bench, key, release, status, signal)
  }
  const fail = (failure: Pick<Extract<FreezeSight, { state: 'failed' }>, 'findings' | 'next'>): void => {
    const attempts = before?.state === 'failed' && before.asked === asked ? before.attempts + 1 : 1
    freezes.set(uid, { state: 'failed', asked, at: shared.now(), attempts, ...failure })
  }
  try {
    const result = await freezeRelease(bench, { release: begun, signal, progress })
    if (result.frozen === undefined) fail({ findings: result.findings, next: result.retry ? 'retry' : 'reject' })
    else freezes.set(uid, { state: 'done', frozen: result.frozen, findings: result.findings })
  } catch (thrown) {
    outer.throwIfAborted()
    const error = asFlotillaError(thrown)
    // the release itself is another by now: it is decided on anew
    if (error.code === 'kube.conflict' && !deadline.aborted) throw thrown
    const minutes = longestFreezeMs / 60_000
    const message = deadline.aborted ? `It was not rendered within ${minutes} minutes` : error.message
    const remedy = error.remedy === undefined || deadline.aborted ? '' : `. ${error.remedy}`
    fail({
      findings: [{ severity: 'Error', code: error.code, message: `${message}${remedy}`.slice(0, 1500) }],
      next: deadline.aborted ? 'retry' : error.next,
    })
  }
  return release
}

/** Writes the status where it says something new; on an older state that is refused. @returns the release as it is then */
async function write(
  { shared: { fleet }, written, freezes }: Bench,
  key: string,
  release: Release,
  status: ReleaseStatus,
  signal: AbortSignal,
): Promise<Release> {
  if (canonicalJson(release.status ?? {}) === canonicalJson(status)) return release
  // whether or not it is written, only the watch knows until then
  written.delete(key)
  const object: KubeObject = { ...asKubeObject(release), status }
  const { metadata } = await fleet.host.replaceStatus(object, { signal })
  failpoint('release-status-written')
  const after = { ...release, metadata: { ...release.metadata, resourceVersion: metadata.resourceVersion }, status }
  written.set(key, after)
  if (status.frozen !== undefined) freezes.delete(release.metadata.uid ?? '')
  return after
}
