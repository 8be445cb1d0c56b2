import type { KubeClient } from '@flotilla/kube'
import {
  FlotillaError,
  type KubeObject,
  labels,
  type ObjectRef,
  refOf,
  refText,
  refuseUnsafeIntegers,
  isRecord,
} from '@flotilla/model'
import { computeLeftFields, dropFields, withoutNoise } from '@flotilla/reconcile'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'
import { inParallel } from '../in-parallel.ts'

const atOnce = 8
const longestManifest = 262_144

/** Fields that the cluster filled in for this one place; elsewhere they would be wrong. */
const filledIn: Readonly<Record<string, readonly string[]>> = {
  Service: ['clusterIP', 'clusterIPs', 'healthCheckNodePort'],
  PersistentVolumeClaim: ['volumeName'],
}

export interface FoundObjects {
  readonly refs: readonly ObjectRef[]
  /** As a manifest, without what only clusters write. */
  readonly inline: string
}

/** Plain objects that run, as manifests. Errors: `request.not_found`, `delivery.owned_by_other`, `input.invalid`. */
export async function readObjects(
  client: KubeClient,
  namespace: string,
  wanted: readonly { readonly group: string; readonly kind: string; readonly name: string }[],
  signal: AbortSignal,
): Promise<FoundObjects> {
  const found = await inParallel(wanted, atOnce, async (ref) => {
    const object = await client.find({ ...ref, namespace }, { signal })
    if (object === undefined) {
      throw new FlotillaError('request.not_found', {
        message: `There is no ${ref.kind} ${ref.name} in ${namespace}`,
        field: 'objects',
        value: `${ref.kind} ${ref.name}`,
      })
    }
    checkFree(object)
    return object
  })
  const manifests = found.map(manifestOf)
  for (const [at, manifest] of manifests.entries()) refuseUnsafeIntegers(manifest, `objects[${at}]`)
  const inline = manifests.map((manifest) => stringify(manifest, asEverybodyReads)).join('---\n')
  if (inline.length > longestManifest) {
    throw new FlotillaError('input.too_large', {
      message: 'These objects are too many for one component',
      field: 'objects',
      remedy: 'Take them over in several components',
    })
  }
  return { refs: found.map(refOf), inline }
}

function checkFree(object: KubeObject): void {
  const { ownerReferences = [], labels: has = {}, annotations = {} } = object.metadata
  const text = refText(refOf(object))
  const release = annotations['meta.helm.sh/release-name']
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (has[labels.delivery] !== undefined) throw owned(`${text} is delivered by Flotilla already`)
  if (release !== undefined)
    throw owned(`${text} belongs to the Helm release ${release}`, 'Take the whole release over')
  if (owner !== undefined)
    throw owned(`${text} is made by ${owner.kind} ${owner.name}`, `Take ${owner.kind} ${owner.name} over`)
  if (object.kind === 'Secret') {
    throw new FlotillaError('input.invalid', {
      message: `${text} would be written into the Application in plain text`,
      field: 'objects',
      remedy: 'Leave it as it is: what is taken over may use it',
    })
  }
}

function owned(message: string, remedy?: string): FlotillaError {
  return new FlotillaError('delivery.owned_by_other', { message, remedy, field: 'objects' })
}

/** What somebody would have written: the place is the target's, fields of autoscalers are theirs. */
function manifestOf(object: KubeObject): Record<string, unknown> {
  const { managedFields, ...metadata } = object.metadata
  const own = dropFields(
    { ...object, metadata },
    computeLeftFields(
      { ...object, metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) } },
      [],
    ),
  )
  const clean = withoutNoise(own)
  const { namespace: _here, finalizers: _theirs, ...meta } = isRecord(clean['metadata']) ? clean['metadata'] : {}
  const { spec } = clean
  const filled = filledIn[object.kind] ?? []
  const kept = isRecord(spec) ? Object.fromEntries(Object.entries(spec).filter(([key]) => !filled.includes(key))) : spec
  return { ...clean, metadata: meta, ...(kept === undefined ? {} : { spec: kept }) }
}
