import {
  annotations,
  type AnyKind,
  FlotillaError,
  group,
  personManager,
  projectNamespace,
  workspaceNamespace,
} from '@flotilla/model'
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
  refuseWhileUsed(services, kind.kind, name)
  const outcome = await caller.host.delete(key, { signal })
  if (outcome === 'absent')
    throw new FlotillaError('request.not_found', {
      message: `There is no ${kind.kind} ${name}`,
      field: 'name',
      value: name,
    })
  return { outcome }
}

/** It would hang half removed until somebody deletes what is in it. */
function refuseWhileUsed({ deps }: Pick<Services, 'deps'>, kind: string, name: string): void {
  const { applications, projects } = deps.state
  const inside =
    kind === 'Project'
      ? { what: 'applications', of: applications.list(projectNamespace(name)) }
      : { what: 'projects', of: kind === 'Workspace' ? projects.list(workspaceNamespace(name)) : [] }
  const left = inside.of.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  if (left.length === 0) return
  const names = left.slice(0, 5).map(({ metadata }) => metadata.name)
  throw new FlotillaError('request.conflict', {
    message: `${kind} ${name} still has ${inside.what}: ${names.join(', ')}${left.length > names.length ? ' ...' : ''}`,
    field: 'name',
    value: name,
    remedy: `Delete its ${inside.what} first`,
  })
}

function needed(objects: 'keep' | 'delete' | undefined, kind: string): 'keep' | 'delete' {
  if (objects !== undefined) return objects
  throw new FlotillaError('input.invalid', {
    message: `What becomes of the objects that this ${kind} delivered?`,
    field: 'objects',
    remedy: 'Say keep or delete',
  })
}
