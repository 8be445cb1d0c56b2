import { type Controller, failpoint, pruneObjects, writeStatus } from '@flotilla/engine'
import {
  known,
  type Known,
  type Next,
  type Project,
  retry,
  settled,
  unknown,
  type Workspace,
  workspaceNamespace,
} from '@flotilla/model'
import { reconcileWorkspace, type WorkspaceEffect } from '@flotilla/reconcile'
import { type FleetDeps, nowOf } from './controller-deps.ts'
import { executeDesired } from './execute-desired.ts'
import { addFinalizer, removeFinalizer } from './finalizers.ts'
import { createNamespace, deleteNamespace } from './namespace-steps.ts'

/** Keeps the host namespace of each Workspace, and what its people may do there. */
export function createWorkspaceController(deps: FleetDeps): Controller {
  const { host, state, hostSight, clock } = deps
  return {
    name: 'workspace',
    concurrency: 2,
    work: async (key, signal): Promise<Next> => {
      let object = state.workspaces.get('', key.slice(1))
      if (object === undefined) return settled
      const decision = reconcileWorkspace({
        object,
        observed: { host: hostSight.sight(), projects: projectsOf(deps, object.metadata.name) },
        now: nowOf(clock),
      })
      if (decision.effects.some(({ kind }) => kind === 'addFinalizer')) {
        object = await addFinalizer(host, object, signal)
        failpoint('workspace.finalizer')
      }
      const failures = await executeDesired(deps, decision.objects, signal)
      failpoint('workspace.objects')
      for (const effect of decision.effects) {
        await execute(deps, effect, signal)
        failpoint(`workspace.${effect.kind}`)
      }
      await writeStatus(host, object, decision.status, { signal })
      failpoint('workspace.status')
      if (decision.effects.some(({ kind }) => kind === 'removeFinalizer')) await removeFinalizer(host, object, signal)
      const [failure] = failures
      return failure === undefined ? decision.next : retry(failure)
    },
  }
}

function projectsOf({ state }: Pick<FleetDeps, 'state'>, workspace: string): Known<readonly Project[]> {
  const namespace = workspaceNamespace(workspace)
  const unreadable = [...state.projects.unreadable.keys()].find((key) => key.startsWith(`${namespace}/`))
  if (unreadable !== undefined) return unknown(`Project ${unreadable} cannot be read`)
  return known(state.projects.list(namespace).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)))
}

async function execute({ host }: FleetDeps, effect: WorkspaceEffect, signal: AbortSignal): Promise<void> {
  switch (effect.kind) {
    case 'addFinalizer':
    case 'removeFinalizer':
      // first and last of the pass, where they are
      return
    case 'createNamespace':
      return createNamespace(host, effect.object, signal)
    case 'deleteNamespace':
      return deleteNamespace(host, effect.namespace, effect.uid, signal)
    case 'prune': {
      const { failures } = await pruneObjects(host, [effect.object], signal)
      if (failures[0] !== undefined) throw failures[0].error
      return
    }
    default:
      effect satisfies never
  }
}

/** Workspaces that a change of the host concerns. */
export const workspaceKey = (workspace: Pick<Workspace, 'metadata'>): string => `/${workspace.metadata.name}`
