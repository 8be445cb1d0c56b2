import { failpoint } from '@flotilla/engine'
import type { JsonPatchOperation, KubeClient } from '@flotilla/kube'
import {
  annotations,
  type Application,
  fieldManager,
  finalizer,
  group,
  type Known,
  type Move,
  version,
} from '@flotilla/model'
import type { MoveEffect } from '@flotilla/reconcile'

type Of<Kind extends MoveEffect['kind']> = Extract<MoveEffect, { kind: Kind }>

/** Does one effect. What somebody else changed meanwhile fails with `kube.conflict`, and is decided on anew. */
export async function executeMoveEffect(
  host: KubeClient,
  move: Move,
  effect: MoveEffect,
  application: Known<Application | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '' } = move.metadata
  switch (effect.kind) {
    case 'AddFinalizer':
    case 'RemoveFinalizer':
      await setFinalizer(host, move, effect.kind === 'AddFinalizer', signal)
      return failpoint('move-finalizer-written')
    case 'WriteApplication':
      if (application.known && application.value !== undefined)
        await writeApplication(host, application.value, effect, signal)
      return failpoint('move-application-written')
    case 'DeleteDelivery':
      await host.delete({ group, version, kind: 'Delivery', namespace, name: effect.name }, { uid: effect.uid, signal })
      return failpoint('move-delivery-deleted')
    default:
      effect satisfies never
  }
}

/** The three fields and nothing else, on the very version that was decided on. */
async function writeApplication(
  host: KubeClient,
  { metadata, spec }: Application,
  { fields, resourceVersion, movedAfter }: Of<'WriteApplication'>,
  signal: AbortSignal,
): Promise<void> {
  const operations: JsonPatchOperation[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/spec/placement', value: fields.placement },
    ...write('/spec/standby', spec.standby, fields.standby.length === 0 ? undefined : fields.standby),
    ...write('/spec/move', spec.move, fields.move),
  ]
  if (movedAfter !== undefined) {
    if (metadata.annotations === undefined) operations.push({ op: 'add', path: '/metadata/annotations', value: {} })
    const path = `/metadata/annotations/${annotations.moved.replaceAll('~', '~0').replaceAll('/', '~1')}`
    operations.push({ op: 'add', path, value: String(movedAfter) })
  }
  const { name, namespace } = metadata
  const key = { group, version, kind: 'Application', name, namespace }
  await host.patch(key, { type: 'json', operations }, { fieldManager, signal })
}

function write(path: string, before: unknown, after: unknown): JsonPatchOperation[] {
  if (after !== undefined) return [{ op: 'add', path, value: after }]
  return before === undefined ? [] : [{ op: 'remove', path }]
}

async function setFinalizer(host: KubeClient, { metadata }: Move, wanted: boolean, signal: AbortSignal): Promise<void> {
  const { name, namespace, resourceVersion } = metadata
  const others = (metadata.finalizers ?? []).filter((one) => one !== finalizer)
  const body = { metadata: { resourceVersion, finalizers: wanted ? [...others, finalizer] : others } }
  await host.patch({ group, version, kind: 'Move', name, namespace }, { type: 'merge', body }, { fieldManager, signal })
}
