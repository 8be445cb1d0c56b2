import {
  type Application,
  type ApplicationSpec,
  type Delivery,
  FlotillaError,
  type FrozenDocument,
  type Project,
  type Release,
  type Target,
} from '@flotilla/model'
import { findBaseRelease, type ObservedCluster } from '@flotilla/reconcile'
import { targetsOf } from '../application/observe-application.ts'
import { observeClusters, observeDeliveries, observeProject, observeReleases } from '../application/observe-host.ts'
import type { ReleaseDeps } from './deps.ts'

/** Where an application is, and what it has there. */
export interface Place {
  readonly project: Project
  readonly clusters: readonly ObservedCluster[]
  readonly deliveries: readonly Delivery[]
}

/** Errors: `request.conflict`, `cluster.unreachable` while something of it cannot be told. */
export function observePlace({ shared: { state, fleet } }: ReleaseDeps, { metadata }: Application): Place {
  const { namespace = '', name } = metadata
  const project = observeProject(state, namespace)
  if (!project.known) throw new FlotillaError('request.conflict', { message: project.reason })
  if (project.value === undefined)
    throw new FlotillaError('request.not_found', { message: `No project has the namespace ${namespace}` })
  const deliveries = observeDeliveries(state, namespace, name)
  if (!deliveries.known) throw new FlotillaError('request.conflict', { message: deliveries.reason })
  const clusters = observeClusters(state, fleet, project, deliveries)
  if (!clusters.known) throw new FlotillaError('cluster.unreachable', { message: clusters.reason })
  return { project: project.value, clusters: clusters.value, deliveries: deliveries.value }
}

/** Where the application is wanted by a specification. */
export const targetsAt = (application: Application, spec: ApplicationSpec, { project, clusters }: Place): Target[] =>
  targetsOf({ ...application, spec }, project, clusters)

/**
 * What the release that the application has now was made of; undefined where it has none. Errors: `request.conflict`
 * where that is no longer stored, as nobody could say what to carry over.
 */
export async function loadBase(
  { shared: { state }, documents }: ReleaseDeps,
  release: Release,
  { deliveries }: Place,
): Promise<FrozenDocument | undefined> {
  const { namespace = '', name } = release.metadata
  const releases = observeReleases(state, namespace, release.spec.application)
  if (!releases.known) throw new FlotillaError('request.conflict', { message: releases.reason })
  const base = findBaseRelease(
    releases.value.filter(({ metadata }) => metadata.name !== name),
    deliveries,
  )
  const digest = base?.status?.frozen?.document
  if (base === undefined || digest === undefined) return undefined
  const document = await documents.releases.get(digest)
  if (document === undefined)
    throw new FlotillaError('request.conflict', {
      message: `What release ${base.metadata.name} was made of is no longer stored, so nobody can say what it chose`,
      remedy: 'Restore the store from its backup, or delete that release so that nothing of it is carried over',
    })
  return document
}
