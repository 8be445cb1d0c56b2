import { annotations, type AnyKind, FlotillaError, group, personManager } from '@flotilla/model'
import type { Caller, Services } from '../handler.ts'

/** Deletes one object as the person. What delivers objects is told first what becomes of them. */
export async function removeObject(
  services: Pick<Services, 'deps'>,
  ask: {
    readonly kind: AnyKind
    readonly name: string
    readonly namespace: string
    readonly objects: 'keep' | 'delete' | undefined
    readonly caller: Caller
    readonly signal: AbortSignal
  },
): Promise<{ outcome: 'deleted' | 'deleting' }> {
  const { kind, name, namespace, objects, caller, signal } = ask
  const key = { group, kind: kind.kind, name, namespace }
  if (kind.kind === 'Cluster') {
    await services.deps.clusters.remove(name, needed(objects, kind.kind), caller.identity, signal)
    return { outcome: 'deleting' }
  }
  if (kind.kind === 'Application') {
    const deletionPolicy = needed(objects, kind.kind) === 'keep' ? 'Keep' : 'Delete'
    await caller.host.patch(
      key,
      {
        type: 'merge',
        body: {
          metadata: { annotations: { [annotations.changedBy]: caller.identity.user } },
          spec: { deletionPolicy },
        },
      },
      { fieldManager: personManager, signal },
    )
  }
  const outcome = await caller.host.delete(key, { signal })
  if (outcome === 'absent')
    throw new FlotillaError('request.not_found', {
      message: `There is no ${kind.kind} ${name}`,
      field: 'name',
      value: name,
    })
  return { outcome }
}

function needed(objects: 'keep' | 'delete' | undefined, kind: string): 'keep' | 'delete' {
  if (objects !== undefined) return objects
  throw new FlotillaError('input.invalid', {
    message: `What becomes of the objects that this ${kind} delivered?`,
    field: 'objects',
    remedy: 'Say keep or delete',
  })
}
