import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '@flotilla/api'
import { type Delivery, fieldManager, projectGroup, refText, userIdentity } from '@flotilla/model'
import type { DeliveryEffect, EffectResult } from '@flotilla/reconcile'
import type { HostState } from '../fleet/host-state.ts'
import type { Revision, RevisionStore } from '../store/store.ts'
import type { AuditLog } from './audit-log.ts'
import { createRepeatLimiter, withLeftOut } from './limit-repeats.ts'
import { maskText } from './mask-text.ts'
import type { Places } from './places.ts'

/** What controllers did of their own accord, because of what somebody declared. */
export interface DeliveryAudit {
  /** Never waits, and never fails. */
  effect(delivery: Delivery, effect: DeliveryEffect, result: EffectResult | undefined): void
  revision(revision: Revision): void
}

export interface DeliveryAuditDeps {
  readonly audit: Pick<AuditLog, 'note'>
  readonly places: Places
  readonly state: Pick<HostState, 'users'>
  readonly revisions: Pick<RevisionStore, 'get'>
  readonly now: () => number
}

/** What fails is tried again and again; of one delivery so many are written down each minute. */
const failuresEachMinute = 6
/** Authors that are remembered, by revision. */
const mostAuthors = 2_000

export function createDeliveryAudit({ audit, places, state, revisions, now }: DeliveryAuditDeps): DeliveryAudit {
  const failures = createRepeatLimiter({ now, eachMinute: failuresEachMinute })
  const authors = new Map<string, Promise<string>>()

  const nameOf = (by: string): string => {
    const user = state.users.list().find(({ metadata }) => userIdentity(metadata.uid ?? '') === by)
    return user?.metadata.name ?? by
  }
  const authorOf = (applicationUid: string, revision: number): Promise<string> => {
    const key = `${applicationUid}/${revision}`
    let author = authors.get(key)
    if (author === undefined) {
      author = revisions.get(applicationUid, revision).then(
        (found) => found?.by ?? '',
        () => '',
      )
      authors.set(key, author)
      const [oldest] = authors.keys()
      if (authors.size > mostAuthors && oldest !== undefined) authors.delete(oldest)
    }
    return author
  }
  const entryOf = (
    verb: string,
    target: AuditEntry['target'],
    groups: string[],
    more: Pick<AuditEntry, 'result' | 'details'>,
  ): AuditEntry => ({
    request: randomUUID(),
    at: new Date(now()).toISOString(),
    source: 'controller',
    actor: { name: fieldManager, groups },
    verb,
    target,
    ...more,
  })

  async function noteEffect(delivery: Delivery, done: Done): Promise<void> {
    const { application, project, target, desired } = delivery.spec
    const by = desired === undefined ? '' : await authorOf(application.uid, desired.revision)
    const entry = entryOf(
      done.verb,
      {
        kind: 'Application',
        name: application.name,
        namespace: target.namespace,
        cluster: target.cluster,
        ...places.project(project.name),
        projectUid: project.uid,
      },
      [projectGroup(project.uid, 'delivery')],
      {
        result: done.failed > 0 ? 'failed' : 'allowed',
        details: {
          ...(desired === undefined ? {} : { revision: desired.revision, digest: desired.digest }),
          ...(by === '' ? {} : { because: nameOf(by) }),
          ...done.details,
          ...(done.failed > 0 ? { failed: done.failed } : {}),
        },
      },
    )
    if (done.failed === 0) return audit.note(entry)
    const { write, leftOut } = failures.take(delivery.metadata.uid ?? '')
    if (write) audit.note(withLeftOut(entry, leftOut))
  }

  return {
    effect: (delivery, effect, result) => {
      const done = doneBy(effect, result)
      if (done !== undefined) void noteEffect(delivery, done)
    },
    revision: ({ project, application, revision, by, reason, targets }) => {
      audit.note(
        entryOf('delivery.revision', { kind: 'Application', name: application, ...places.project(project) }, [], {
          result: 'allowed',
          details: { revision, because: nameOf(by), reason: maskText(reason), targets: Object.keys(targets).length },
        }),
      )
    },
  }
}

interface Done {
  readonly verb: string
  readonly failed: number
  readonly details: NonNullable<AuditEntry['details']>
}

/** Undefined for what only looks, or writes Flotilla's own notes. */
function doneBy(effect: DeliveryEffect, result: EffectResult | undefined): Done | undefined {
  const failed =
    result?.kind === 'refused'
      ? 1
      : result?.kind === 'applied' || result?.kind === 'failures'
        ? result.failures.length
        : 0
  if (effect.kind === 'apply') {
    const verb = effect.key.startsWith('repair/') ? 'delivery.repair' : 'delivery.apply'
    return { verb, failed, details: { objects: result?.kind === 'applied' ? result.applied.size : 0 } }
  }
  if (effect.kind === 'prune') return { verb: 'delivery.prune', failed, details: { objects: effect.objects.length } }
  if (effect.kind === 'release') return { verb: 'delivery.release', failed, details: { objects: effect.refs.length } }
  if (effect.kind === 'startHook') return { verb: 'delivery.hook', failed, details: { hook: refText(effect.run.hook) } }
  return undefined
}
