import { AppliedMemory, executeObjects, failpoint } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import {
  type Application,
  ApplicationKind,
  type Delivery,
  DeliveryKind,
  fieldManager,
  finalizer,
  FlotillaError,
  group,
  type Known,
  type KubeObject,
  version,
  canonicalJson,
} from '@flotilla/model'
import {
  type ApplicationDecision,
  type ApplicationEffect,
  type ApplicationStatus,
  isWritten,
  type NewRevision,
} from '@flotilla/reconcile'
import type { Revision } from '../../store/store.ts'
import { inParallel } from '../delivery/in-parallel.ts'
import { asKubeObject } from '../as-kube-object.ts'
import { removeReleases } from '../release/remove-releases.ts'
import { describeRevert } from './revert.ts'
import type { RevisionMemory } from './revision-memory.ts'
import { writerOf } from './writer-of.ts'

export interface ExecuteDeps {
  readonly host: KubeClient
  readonly revisions: RevisionMemory
  readonly now: () => string
}

export interface Executed {
  /** The application as it is after the writes. */
  readonly application: Application
  /** Deliveries written or deleted. */
  readonly written: number
}

type Effect<Kind extends ApplicationEffect['kind']> = Extract<ApplicationEffect, { kind: Kind }>

/** Writes a decision to the host: finalizer, history, Deliveries, in this order. Fails with the first error. */
export async function executeApplication(
  { host, revisions, now }: ExecuteDeps,
  application: Application,
  decision: ApplicationDecision,
  deliveries: Known<readonly Delivery[]>,
  signal: AbortSignal,
): Promise<Executed> {
  let current = application
  if (decision.effects.some(({ kind }) => kind === 'AddFinalizer')) {
    current = await setFinalizer(host, current, true, signal)
    failpoint('application-finalizer-written')
  }
  const append = decision.effects.find((effect): effect is Effect<'AppendRevision'> => effect.kind === 'AppendRevision')
  if (append !== undefined) {
    await revisions.append(await toRevision(host, current, append.revision, now(), signal))
    failpoint('application-revision-appended')
  }
  if (current.metadata.deletionTimestamp !== undefined) await removeReleases(host, current, signal)
  const written = await writeDeliveries(host, decision, deliveries, signal)
  if (decision.effects.some(({ kind }) => kind === 'RemoveFinalizer'))
    current = await setFinalizer(host, current, false, signal)
  return { application: current, written }
}

/** Writes the status where it says something new. @returns the application as it is then */
export async function writeApplicationStatus(
  host: KubeClient,
  application: Application,
  status: ApplicationStatus,
  signal: AbortSignal,
): Promise<Application> {
  if (canonicalJson(application.status ?? {}) === canonicalJson(status)) return application
  const object: KubeObject = { ...asKubeObject(application), status }
  const { metadata } = await host.replaceStatus(object, { signal })
  failpoint('application-status-written')
  return { ...application, metadata: { ...application.metadata, resourceVersion: metadata.resourceVersion }, status }
}

const deliveriesAtOnce = 8

async function writeDeliveries(
  host: KubeClient,
  decision: ApplicationDecision,
  deliveries: Known<readonly Delivery[]>,
  signal: AbortSignal,
): Promise<number> {
  if (!decision.objects.known || !deliveries.known) return 0
  const existing = new Map(deliveries.value.map((delivery) => [delivery.metadata.name, delivery]))
  const changed = decision.objects.value.flatMap((desired): KubeObject[] => {
    const before = existing.get(desired.object.metadata.name)
    if (isWritten(desired, before)) return []
    // what was decided on an older state is refused; a new one must not be there yet or be just this
    const resourceVersion = before?.metadata.resourceVersion
    const { object } = desired
    return [resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion } }]
  })
  // none needs another to be there first
  const outcomes = await inParallel(changed, deliveriesAtOnce, async (object) => {
    const outcome = await executeObjects({ client: host, objects: [object], memory: new AppliedMemory(), signal })
    failpoint('application-delivery-written')
    return outcome
  })
  const failure = outcomes.flatMap(({ failures }) => failures)[0]
  if (failure !== undefined) throw failure.error
  const applied = outcomes.flatMap((outcome) => outcome.applied)
  if (applied.length > 0) failpoint('application-deliveries-written')
  const wanted = new Set(decision.objects.value.map(({ object }) => object.metadata.name))
  // both sides are known here: what is wanted, and what there is
  const leaving = deliveries.value.filter(
    ({ metadata }) => !wanted.has(metadata.name) && metadata.deletionTimestamp === undefined,
  )
  for (const delivery of leaving) {
    signal.throwIfAborted()
    await host.delete(deliveryKey(delivery), { uid: delivery.metadata.uid, signal })
    failpoint('application-delivery-deleted')
  }
  return applied.length + leaving.length
}

async function setFinalizer(
  host: KubeClient,
  application: Application,
  wanted: boolean,
  signal: AbortSignal,
): Promise<Application> {
  const { metadata } = application
  const others = (metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const finalizers = wanted ? [...others, finalizer] : others
  // with the version that was read: another writer's finalizers must not get lost
  const body = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } }
  const patched = await host.patch(applicationKey(application), { type: 'merge', body }, { fieldManager, signal })
  return { ...application, metadata: { ...metadata, ...patched.metadata, managedFields: undefined } }
}

async function toRevision(
  host: KubeClient,
  application: Application,
  { reason, cause, ...wanted }: NewRevision,
  at: string,
  signal: AbortSignal,
): Promise<Revision> {
  const by = cause === 'world' ? fieldManager : await findWriter(host, application, signal)
  const { name, namespace = '', uid = '' } = application.metadata
  const told = (cause === 'spec' ? describeRevert(application) : undefined) ?? reason
  return {
    applicationUid: uid,
    project: namespace.replace(/^pj-/, ''),
    application: name,
    at,
    by,
    reason: told,
    ...wanted,
  }
}

/** Who wrote what is decided on; a later edit is decided on anew. */
async function findWriter(host: KubeClient, application: Application, signal: AbortSignal): Promise<string> {
  const live = await host.get(applicationKey(application), { signal })
  if (live.metadata.generation !== application.metadata.generation)
    throw new FlotillaError('kube.conflict', { message: 'The application was edited meanwhile' })
  return writerOf(live)
}

const applicationKey = ({ metadata: { name, namespace } }: Application) => ({
  group,
  version,
  kind: ApplicationKind.kind,
  name,
  namespace,
})

const deliveryKey = ({ metadata: { name, namespace } }: Delivery) => ({
  group,
  version,
  kind: DeliveryKind.kind,
  name,
  namespace,
})
