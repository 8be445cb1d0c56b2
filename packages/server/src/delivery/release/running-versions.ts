import {
  type ApplicationSpec,
  type Delivery,
  FlotillaError,
  type ReleaseChoice,
  type ResolvedSource,
  targetKey,
} from '@flotilla/model'
import { computeRunningChoices } from '@flotilla/reconcile'
import { pinnedVersion } from '../application/source-spec.ts'
import type { ReleaseDeps } from './deps.ts'
import { observePlace, targetsAt } from './observe-place.ts'

/**
 * What a target runs now, as choices for a release ("what staging runs now"). Errors: `request.not_found` where nothing
 * runs there or nobody knows any more what it came from.
 */
export async function runningVersions(deps: ReleaseDeps, delivery: Delivery): Promise<ReleaseChoice[]> {
  const { state } = deps.shared
  const { application: owner, target: at } = delivery.spec
  const application = state.applications.get(delivery.metadata.namespace ?? '', owner.name)
  const origin = await originOf(deps, delivery)
  if (application === undefined || origin === undefined)
    throw new FlotillaError('request.not_found', {
      message: `What ${owner.name} has in ${at.cluster} came from is not known`,
      remedy: 'Choose the versions by name',
    })
  const { spec, sources } = origin
  const place = observePlace(deps, application)
  const targets = targetsAt(application, spec, place)
  const target = targets.find((one) => targetKey(one) === targetKey(at)) ?? bare(at)
  const versions = spec.components.flatMap((component): [string, string][] => {
    const source = sources.find((resolved) => resolved.component === component.name)
    const version = pinnedVersion(component, source?.pinned, source?.version)
    return version === undefined ? [] : [[component.name, version]]
  })
  const others = place.deliveries.filter((one) => targetKey(one.spec.target) !== targetKey(at))
  return computeRunningChoices({ delivery, spec, target, targets, versions: new Map(versions), others })
}

/** A target that is no longer placed: its cluster's labels say nothing any more. */
const bare = ({ cluster, namespace, environment }: Delivery['spec']['target']) => ({
  cluster,
  namespace,
  ...(environment === undefined ? {} : { environment }),
  labels: {},
})

/** Specification and sources that what is wanted in a target was rendered from. */
async function originOf(
  { shared: { state }, documents, revisions }: ReleaseDeps,
  { metadata, spec: { application, desired } }: Delivery,
): Promise<{ spec: ApplicationSpec; sources: readonly ResolvedSource[] } | undefined> {
  if (desired === undefined) return undefined
  if (desired.release === undefined) return revisions.get(application.uid, desired.revision)
  const release = state.releases.get(metadata.namespace ?? '', desired.release)
  const document = release?.status?.frozen?.document
  return document === undefined ? undefined : documents.releases.get(document)
}
