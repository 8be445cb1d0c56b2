import { asFlotillaError, type FlotillaError, parseApiVersion, refKey, refText } from '@flotilla/model'
import { KubeError } from '@flotilla/kube'
import {
  type Arriving,
  bindsArriving,
  computeOwnership,
  type DeliveryEffect,
  type EffectResult,
  type Inventory,
  type LiveSight,
  type ObjectFailure,
  type OwnershipContext,
  type PreparedObject,
  stripFields,
} from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { applyObject } from './field-owners.ts'
import { inParallel } from './in-parallel.ts'
import { asPodSecurityFailure, findPodSecurityFailure } from './pod-security.ts'

/** Requests at a time towards one member for one Delivery. */
export const atOnce = 8

type DryRun = Extract<DeliveryEffect, { kind: 'dryRun' }>

/** Tries every object, so that all that is wrong is said at once. Only a connection that fails ends it. */
export async function dryRunObjects(bench: Workbench, effect: DryRun, live: LiveSight): Promise<EffectResult> {
  const skipped: string[] = []
  const found = await inParallel(effect.objects, atOnce, async (prepared) => {
    const outcome = await tryObject(bench, prepared, effect, live)
    if (outcome === 'skipped') skipped.push(refKey(prepared.ref))
    return outcome
  })
  const failures = found.filter((outcome): outcome is ObjectFailure => outcome !== undefined && outcome !== 'skipped')
  return { kind: 'failures', failures, skipped }
}

async function tryObject(
  bench: Workbench,
  prepared: PreparedObject,
  { arriving, inventory }: DryRun,
  live: LiveSight,
): Promise<ObjectFailure | 'skipped' | undefined> {
  const { ref } = prepared
  if (cannotBeTried(prepared, arriving)) return undefined
  const seen = live.get(refKey(ref))
  try {
    const existing = seen === undefined ? await bench.owners.read(bench, prepared) : undefined
    if (existing !== undefined) {
      const failure = computeOwnership(existing, ownershipContext(bench, prepared, inventory))
      // somebody else's definition serves as well as ours (Helm leaves existing ones of `crds/` alone)
      if (failure !== undefined) return prepared.fromCrdFolder ? 'skipped' : failure
    }
    const { object } =
      existing === undefined
        ? await bench.owners.strip(bench, prepared, seen?.resourceVersion)
        : stripFields(prepared, existing)
    bench.counters.add('dryRuns')
    const warnings: string[] = []
    const { client, signal } = bench
    await applyObject(client, object, { dryRun: true, signal, onWarning: (text) => warnings.push(text) })
    return await findPodSecurityFailure(client, ref, warnings, signal)
  } catch (thrown) {
    bench.signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (isTransport(error)) throw error
    if (error.code === 'kube.not_found' && bindsArriving(prepared, arriving)) return undefined
    return asFailure(prepared, error)
  }
}

/** What may be taken over is so until the component was applied whole: what a later version brings is not the person's word any more. */
export function ownershipContext(
  { delivery, deps }: Pick<Workbench, 'delivery'> & { readonly deps: Pick<Workbench['deps'], 'state'> },
  { object, component }: Pick<PreparedObject, 'object' | 'component'>,
  inventory: Inventory | undefined,
): OwnershipContext {
  return {
    deliveryUid: delivery.metadata.uid ?? '',
    application: delivery.spec.application.name,
    targetNamespace: delivery.spec.target.namespace,
    releaseName: object.metadata.annotations?.['meta.helm.sh/release-name'],
    appliedBefore: inventory?.components[component] !== undefined,
    adopt: inventory?.components[component] === undefined && mayAdopt(delivery, deps),
  }
}

/** On an Application: clusters, separated by commas, where its new components may take existing objects over. */
export const adoptAnnotation = 'flotilla.dev/adopt'

export function mayAdopt(
  { metadata, spec }: Workbench['delivery'],
  { state }: Pick<Workbench['deps'], 'state'>,
): boolean {
  const application = state.applications.get(metadata.namespace ?? '', spec.application.name)
  const clusters = application?.metadata.annotations?.[adoptAnnotation]?.split(',') ?? []
  return clusters.includes(spec.target.cluster)
}

function cannotBeTried({ object, ref }: PreparedObject, arriving: Arriving): boolean {
  const { group } = parseApiVersion(object.apiVersion)
  return arriving.kinds.includes(`${group}/${object.kind}`) || arriving.namespaces.includes(ref.namespace)
}

/** The cluster could not be asked, or asks for patience: says nothing about the object. */
export function isTransport(error: FlotillaError): boolean {
  if (error.code === 'kube.kind_not_served' || error.code === 'kube.conflict' || error.code === 'kube.webhook')
    return false
  return error.next === 'retry'
}

export function asFailure({ ref }: Pick<PreparedObject, 'ref'>, error: FlotillaError): ObjectFailure {
  const immutable = error instanceof KubeError && error.causes.some(({ message }) => message.includes('immutable'))
  if (immutable || /field is immutable/.test(error.message)) {
    return {
      ref,
      code: 'delivery.object_refused',
      message: `${refText(ref)}: Kubernetes does not let this field change: ${error.message}`,
      remedy: `Delete ${refText(ref)} if it may be made anew, or give the object another name`,
    }
  }
  if (error.code === 'kube.kind_not_served') {
    return {
      ref,
      code: 'delivery.object_refused',
      message: `${refText(ref)}: the cluster does not know this kind`,
      remedy: 'Install its definition first, or deliver it with this application',
    }
  }
  const insecure = error.code === 'kube.forbidden' ? asPodSecurityFailure(ref, error.message) : undefined
  if (insecure !== undefined) return insecure
  const rights = error.message.split(/attempting to grant RBAC permissions not currently held:\s*/)[1]
  if (error.code === 'kube.forbidden' && rights !== undefined) {
    const lines = rights.split('\n')
    const more = lines.length > shownRights ? ` and ${lines.length - shownRights} more` : ''
    return {
      ref,
      code: 'delivery.object_refused',
      message: `${refText(ref)} would give more rights than this project has in ${ref.namespace}: ${lines.slice(0, shownRights).join(', ')}${more}`,
      remedy:
        'Take these rules out (of API groups that the cluster does not serve a project has no rights either), or bind one of the ClusterRoles view, edit or admin. If the application has to look after the whole cluster, ask a platform administrator for a project with scope: Cluster',
    }
  }
  return { ref, code: 'delivery.object_refused', message: `${refText(ref)}: ${error.message}`, remedy: error.remedy }
}

const shownRights = 3
