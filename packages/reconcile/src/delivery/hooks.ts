import type { Delivery, HookInHand, KubeObject } from '@flotilla/model'
import { refOf } from '@flotilla/model'
import type { Attempt } from './attempt.ts'
import { createHash } from 'node:crypto'
import type { HashKey } from './hash.ts'
import { migrationOf } from './hook-migration.ts'
import { ownLabels } from './prepare-objects.ts'
import type { DeliveryHook, DeliverySet, HookRun } from './types.ts'

/** On a hook's object: which run created it. One run, one key. */
export const hookRunAnnotation = 'flotilla.dev/hook-run'
/** Holds a hook's Job or Pod until its result is recorded: one that is not there was never created. */
export const hookFinalizer = 'flotilla.dev/hook'

export interface PlannedHook {
  /** `component@digest/event/kind/name`: runs once while a digest is being delivered. */
  readonly id: string
  readonly component: string
  readonly hook: DeliveryHook
}

export interface HookRound {
  readonly set: DeliverySet
  readonly digest: string
  readonly event: string
}

/** Enough of a digest to tell the sets of one component apart. */
export const digestMark = (digest: string): string => digest.slice(-12)

/** Whether a hook in hand came with the set of this digest. */
export const isHookOf = ({ id }: Pick<HookInHand, 'id'>, digest: string): boolean =>
  id.includes(`@${digestMark(digest)}/`)

/** The hooks of a round in Helm's order: components as given, then by weight, then by name. */
export function planHooks(rounds: readonly HookRound[]): PlannedHook[] {
  return rounds.flatMap(({ set, digest, event }) =>
    set.hooks
      .map((hook, place) => ({ hook, name: hook.name || `${hook.object.metadata.generateName ?? ''}${place}` }))
      .filter(({ hook }) => hook.events.includes(event))
      .sort(
        (a, b) => a.hook.weight - b.hook.weight || (a.hook.name < b.hook.name ? -1 : a.hook.name > b.hook.name ? 1 : 0),
      )
      .map(({ hook, name }) => ({
        // the set has a digest, so that a place in it names a hook whose own name is generated
        id: `${set.component}@${digestMark(digest)}/${event}/${hook.object.kind}/${name}`,
        component: set.component,
        hook,
      })),
  )
}

/** A hook that stopped its attempt for a person. */
export const isStopped = (hook: HookInHand | undefined): boolean =>
  hook?.outcome === 'Failed' || hook?.outcome === 'Uncertain'

/** Kinds that run and end; a hook of any other kind is done when it is created. */
export function isAwaited(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return (
    (object.apiVersion === 'batch/v1' && object.kind === 'Job') || (object.apiVersion === 'v1' && object.kind === 'Pod')
  )
}

/** What is recorded before a hook is created. */
export function beginHook(
  delivery: Delivery,
  attempt: Attempt,
  planned: PlannedHook,
  now: string,
  key: HashKey,
): HookInHand {
  const migration = migrationOf(planned.hook.object, delivery.spec.target, key)
  return {
    ...hookInHand([delivery.metadata.uid, attempt.digest, attempt.startedAt], planned, now),
    ...(migration === undefined ? {} : { migration }),
  }
}

/** A hook of one run, named by whatever tells that run from every other. */
export function hookInHand(run: readonly (string | undefined)[], { id, hook }: PlannedHook, now: string): HookInHand {
  const key = createHash('sha256')
    .update(JSON.stringify([...run, id]))
    .digest('hex')
    .slice(0, 32)
  const ref = refOf(hook.object)
  // a generated name has to be the same after a restart
  const name =
    ref.name === '' || ref.name === undefined
      ? `${hook.object.metadata.generateName ?? 'hook-'}${key.slice(0, 8)}`
      : ref.name
  return { id, key, ...ref, name, since: now }
}

/** The hook as it is created. Its pod template stays the chart's own. */
export function prepareHook(delivery: Delivery, inHand: HookInHand, planned: PlannedHook): HookRun {
  const { status: _status, ...content } = planned.hook.object
  const { namespace, labels, annotations, finalizers } = planned.hook.object.metadata
  const object: KubeObject = {
    ...content,
    metadata: {
      name: inHand.name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, ...ownLabels(delivery, planned.component) },
      annotations: { ...annotations, [hookRunAnnotation]: inHand.key },
      ...(isAwaited(content)
        ? { finalizers: [...(finalizers ?? []), hookFinalizer] }
        : finalizers === undefined
          ? {}
          : { finalizers }),
    },
  }
  return { hook: inHand, object, deletePolicies: deletePolicies(planned.hook) }
}

/** Helm's default where a chart names none. */
export function deletePolicies(hook: DeliveryHook): readonly string[] {
  return hook.deletePolicies.length === 0 ? ['before-hook-creation'] : hook.deletePolicies
}
