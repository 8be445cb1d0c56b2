import { computePlacement, computeTargets, known, targetKey, unknown } from '@flotilla/model'
import type { RolloutObserved } from '@flotilla/reconcile'
import { observeClusters, observeDeliveries, observeProject } from '../application/observe-host.ts'
import type { RolloutDeps } from './deps.ts'

/** Keys of the targets that an application has now. */
export function observePlaced(
  { state, fleet }: Pick<RolloutDeps, 'state' | 'fleet'>,
  namespace: string,
  name: string,
): RolloutObserved['placed'] {
  const application = state.applications.get(namespace, name)
  const project = observeProject(state, namespace)
  const clusters = observeClusters(state, fleet, project, observeDeliveries(state, namespace, name))
  if (application === undefined) return unknown(`there is no application ${name}`)
  if (!project.known) return project
  if (!clusters.known) return clusters
  if (project.value === undefined) return unknown(`no project has the namespace ${namespace}`)
  const staying = clusters.value.filter(({ removal }) => removal === undefined)
  return known(computePlacement(application.spec, computeTargets(project.value, staying)).map(targetKey))
}
