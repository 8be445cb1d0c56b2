import { computePlacement, computeTargets, type Delivery, type Known, known, targetKey, unknown } from '@flotilla/model'
import type { RolloutObserved } from '@flotilla/reconcile'
import { observeClusters, observeProject } from '../application/observe-host.ts'
import type { RolloutDeps } from './deps.ts'

/** Keys of the targets that an application has now. */
export function observePlaced(
  { state, fleet }: Pick<RolloutDeps, 'state' | 'fleet'>,
  namespace: string,
  name: string,
  deliveries: Known<readonly Delivery[]>,
): RolloutObserved['placed'] {
  const application = state.applications.get(namespace, name)
  const project = observeProject(state, namespace)
  const clusters = observeClusters(state, fleet, project, deliveries)
  if (application === undefined) return unknown(`there is no application ${name}`)
  if (!project.known) return project
  if (!clusters.known) return clusters
  if (project.value === undefined) return unknown(`no project has the namespace ${namespace}`)
  const staying = clusters.value.filter(({ removal }) => removal === undefined)
  return known(computePlacement(application.spec, computeTargets(project.value, staying)).map(targetKey))
}
