import type { ReleaseRow, RolloutDetail, RolloutRow } from '@flotilla/api'
import { type Approval, projectNamespace, type Release, type Rollout, type RolloutDocument } from '@flotilla/model'
import type { ApprovalSight } from '@flotilla/reconcile'
import type { Clock } from '@flotilla/kube'
import type { People } from '../../access/people.ts'
import { seeApprovals } from '../../delivery/rollout/observe-approvals.ts'
import { splitKey } from '../../fleet/controller-deps.ts'
import type { HostState } from '../../fleet/host-state.ts'
import { compareText } from '../page-of.ts'
import { projectOfNamespace } from '../views/application-view.ts'
import { approvalRules } from './approval-rules.ts'
import { releaseRow } from './release-view.ts'
import { rolloutDetail, rolloutRow } from './rollout-view.ts'
import type { Weighing } from './weigh-approval.ts'

export interface ReleaseChange {
  readonly topic: 'releases' | 'rollouts'
  /** `project/name`. */
  readonly key: string
  readonly namespace: string
}

/** What people said of a release, and what it weighs. */
export interface ReleaseApprovals {
  readonly approvals: readonly Approval[]
  /** The same, of people who are still there. */
  readonly sights: readonly ApprovalSight[]
  readonly weighing: Weighing
}

/** Releases and rollouts as lists and the live stream show them; a change touches only the rows that it concerns. */
export interface ReleaseIndex {
  releaseRow(key: string): ReleaseRow | undefined
  releaseRows(): readonly ReleaseRow[]
  /** Those that name the release. */
  approvalsOf(release: Release): ReleaseApprovals
  /** Newest first. */
  rolloutsOf(release: Release): readonly Rollout[]
  rolloutRow(key: string): RolloutRow | undefined
  rolloutRows(): readonly RolloutRow[]
  /** With the steps to come as far as the plan is in memory; it is fetched then, and told of. */
  rolloutDetail(key: string): RolloutDetail | undefined
  /** The same, after the plan was read. */
  readRolloutDetail(key: string): Promise<RolloutDetail | undefined>
  onChange(listener: (change: ReleaseChange) => void): () => void
  close(): void
}

/** Plans of runs that are kept at hand. */
const mostDocuments = 100

export function createReleaseIndex(options: {
  readonly state: HostState
  readonly people: Pick<People, 'byUid' | 'byName'>
  readonly documents: { get(digest: string): Promise<RolloutDocument | undefined> }
  readonly clock: Pick<Clock, 'now'>
}): ReleaseIndex {
  const { state, people, documents, clock } = options
  const releases = new Map<string, ReleaseRow>()
  const rollouts = new Map<string, RolloutRow>()
  const details = new Map<string, RolloutDetail>()
  const approvals = grouped<Approval>()
  const runs = grouped<Rollout>()
  const read = new Map<string, RolloutDocument>()
  const reading = new Map<string, Promise<void>>()
  const listeners = new Set<(change: ReleaseChange) => void>()

  const tell = (change: ReleaseChange): void => {
    for (const listener of listeners) listener(change)
  }
  const touchRelease = (namespace: string, name: string): void => {
    const project = projectOfNamespace(namespace)
    if (project === undefined) return
    releases.delete(`${project}/${name}`)
    tell({ topic: 'releases', key: `${project}/${name}`, namespace })
  }
  const touchRollout = (namespace: string, name: string): void => {
    const project = projectOfNamespace(namespace)
    if (project === undefined) return
    rollouts.delete(`${project}/${name}`)
    details.delete(`${project}/${name}`)
    tell({ topic: 'rollouts', key: `${project}/${name}`, namespace })
  }
  const stops = [
    state.releases.onChange((key) => {
      const { namespace, name } = splitKey(key)
      touchRelease(namespace, name)
    }),
    state.rollouts.onChange((key, rollout) => {
      const { namespace, name } = splitKey(key)
      touchRollout(namespace, name)
      for (const release of runs.put(key, rollout, rollout?.spec.release)) touchRelease(namespace, release)
    }),
    state.approvals.onChange((key, approval) => {
      const { namespace } = splitKey(key)
      for (const release of approvals.put(key, approval, approval?.spec.release)) {
        touchRelease(namespace, release)
        for (const { metadata } of runs.of(namespace, release)) touchRollout(namespace, metadata.name)
      }
    }),
  ]

  const find = (key: string): { namespace: string; name: string } => {
    const { namespace: project, name } = splitKey(key)
    return { namespace: projectNamespace(project), name }
  }
  const rolloutsOf = (namespace: string, release: string): Rollout[] =>
    runs
      .of(namespace, release)
      .sort((a, b) => compareText(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? ''))
  const documentAtHand = (rollout: Rollout | undefined): RolloutDocument | undefined =>
    read.get(rollout?.status?.snapshot?.document ?? '')
  const approvalsOf = (release: Release): ReleaseApprovals => {
    const { namespace = '', name } = release.metadata
    const { frozen } = release.status ?? {}
    const said = approvals.of(namespace, name)
    const rollout = rolloutsOf(namespace, name).find(({ spec }) => spec.rollback === undefined)
    const rules = approvalRules({ state, release, rollout, document: documentAtHand(rollout) })
    const weighing = { rules, digest: frozen?.digest, authors: frozen?.authors ?? release.spec.authors }
    return { approvals: said, sights: seeApprovals({ state, people }, namespace, said), weighing }
  }
  const releaseRowOf = (key: string): ReleaseRow | undefined => {
    const cached = releases.get(key)
    if (cached !== undefined) return cached
    const { namespace, name } = find(key)
    const release = state.releases.get(namespace, name)
    if (release === undefined) return undefined
    const { sights, weighing } = approvalsOf(release)
    const row = releaseRow({ state, release, sights, weighing, rollouts: rolloutsOf(namespace, name) })
    releases.set(key, row)
    return row
  }
  const rolloutRowOf = (key: string): RolloutRow | undefined => {
    const cached = rollouts.get(key)
    if (cached !== undefined) return cached
    const { namespace, name } = find(key)
    const rollout = state.rollouts.get(namespace, name)
    if (rollout === undefined) return undefined
    const row = rolloutRow(state, rollout)
    rollouts.set(key, row)
    return row
  }
  const keepDocument = async (digest: string): Promise<void> => {
    const document = await documents.get(digest)
    if (document === undefined) return
    read.set(digest, document)
    const [oldest] = read.keys()
    if (read.size > mostDocuments && oldest !== undefined) read.delete(oldest)
  }
  const readDocument = (digest: string): Promise<void> => {
    const under = reading.get(digest)
    if (under !== undefined) return under
    const work = keepDocument(digest).finally(() => reading.delete(digest))
    reading.set(digest, work)
    return work
  }
  const detailOf = (key: string): RolloutDetail | undefined => {
    const cached = details.get(key)
    if (cached !== undefined) return cached
    const { namespace, name } = find(key)
    const rollout = state.rollouts.get(namespace, name)
    if (rollout === undefined) return undefined
    const digest = rollout.status?.snapshot?.document
    const document = digest === undefined ? undefined : read.get(digest)
    const release = state.releases.get(namespace, rollout.spec.release)
    const said = approvals.of(namespace, rollout.spec.release)
    const detail = rolloutDetail({
      state,
      rollout,
      document,
      approvals: said,
      sights: seeApprovals({ state, people }, namespace, said),
      weighing: {
        rules: release === undefined ? [] : approvalRules({ state, release, rollout, document }),
        digest: rollout.status?.snapshot?.release,
        authors: document?.authors ?? release?.status?.frozen?.authors ?? [],
      },
      now: new Date(clock.now()).toISOString(),
    })
    if (digest === undefined || document !== undefined) details.set(key, detail)
    else
      void readDocument(digest).then(
        () => touchRollout(namespace, name),
        () => undefined,
      )
    return detail
  }

  return {
    releaseRow: releaseRowOf,
    releaseRows: () => state.releases.list().flatMap(({ metadata }) => present(releaseRowOf(keyOf(metadata)))),
    approvalsOf,
    rolloutsOf: ({ metadata }) => rolloutsOf(metadata.namespace ?? '', metadata.name),
    rolloutRow: rolloutRowOf,
    rolloutRows: () => state.rollouts.list().flatMap(({ metadata }) => present(rolloutRowOf(keyOf(metadata)))),
    rolloutDetail: detailOf,
    readRolloutDetail: async (key) => {
      const { namespace, name } = find(key)
      const digest = state.rollouts.get(namespace, name)?.status?.snapshot?.document
      if (digest !== undefined && !read.has(digest)) await readDocument(digest)
      return detailOf(key)
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      for (const stop of stops) stop()
    },
  }
}

/** Objects by the release that they name. */
function grouped<T>() {
  const byRelease = new Map<string, Map<string, T>>()
  const releaseOf = new Map<string, string>()
  return {
    of: (namespace: string, release: string): T[] => [...(byRelease.get(`${namespace}/${release}`)?.values() ?? [])],
    /** @returns the releases that it concerns */
    put: (key: string, object: T | undefined, release: string | undefined): string[] => {
      const { namespace } = splitKey(key)
      const before = releaseOf.get(key)
      if (before !== undefined && before !== release) {
        const those = byRelease.get(`${namespace}/${before}`)
        those?.delete(key)
        if (those?.size === 0) byRelease.delete(`${namespace}/${before}`)
        releaseOf.delete(key)
      }
      if (object !== undefined && release !== undefined) {
        const those = byRelease.get(`${namespace}/${release}`) ?? new Map<string, T>()
        those.set(key, object)
        byRelease.set(`${namespace}/${release}`, those)
        releaseOf.set(key, release)
      }
      return [...new Set([before, release])].filter((name) => name !== undefined)
    },
  }
}

const keyOf = ({ namespace = '', name }: { namespace?: string | undefined; name: string }): string =>
  `${projectOfNamespace(namespace) ?? ''}/${name}`

const present = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value])
