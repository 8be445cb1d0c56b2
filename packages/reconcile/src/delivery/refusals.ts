import { type Delivery, isRecord, type KubeObject, labels, type ObjectRef, refOf, refText } from '@flotilla/model'
import { readText } from '../health/read-field.ts'
import type { Arriving, DeliverySet, ObjectFailure, PreparedObject } from './types.ts'

/** What a project may not deliver, whatever the cluster says: found before anything is written. */
export function computeRefusals(delivery: Delivery, sets: readonly DeliverySet[]): ObjectFailure[] {
  const { namespace } = delivery.spec.target
  const anywhere = delivery.spec.project.scope === 'Cluster'
  return sets
    .flatMap((set) => [...set.crds, ...set.objects, ...set.hooks.map(({ object }) => object)])
    .map(
      (object) =>
        refuseOwnName(object) ??
        (anywhere ? undefined : (refuseForeignPlace(object, namespace) ?? refusePeople(object))),
    )
    .filter((failure) => failure !== undefined)
}

/** How the ConfigMap in the target is called in which a Delivery keeps what it brought. */
export const inventoryName = (application: string): string => `flotilla-inventory-${application}`

function refuseOwnName(object: KubeObject): ObjectFailure | undefined {
  const ref = refOf(object)
  if (ref.kind !== 'ConfigMap' || ref.group !== '' || !ref.name.startsWith(inventoryName(''))) return undefined
  const message = `${refText(ref)} has a name that Flotilla keeps for itself`
  return { ref, code: 'delivery.object_refused', message, remedy: 'Give it another name.' }
}

function refuseForeignPlace(object: KubeObject, namespace: string): ObjectFailure | undefined {
  const ref = refOf(object)
  if (ref.namespace === namespace) return undefined
  const remedy = 'Leave it out of the chart, or ask a platform administrator for a project with scope: Cluster.'
  const message =
    ref.namespace === ''
      ? `${refText(ref)} is cluster-scoped, which this project may not deliver`
      : `${refText(ref)} is outside the namespace ${namespace} of this project`
  return { ref, code: 'delivery.object_refused', message, remedy }
}

/** Everybody who was let in, or was not, and every workload of the cluster. */
const everybody = /^system:(?:authenticated|unauthenticated|anonymous|serviceaccounts)$/

/** Rights of people come from Memberships, and end with them: those that a chart gave would stay. */
function refusePeople(object: KubeObject): ObjectFailure | undefined {
  const ref = refOf(object)
  if (ref.group !== rbacGroup || ref.kind !== 'RoleBinding') return undefined
  const subjects: unknown = object['subjects']
  const names = (Array.isArray(subjects) ? subjects : []).map((subject: unknown) =>
    isRecord(subject) && typeof subject['name'] === 'string' ? subject['name'] : '',
  )
  const name = names.find((one) => one.startsWith('flotilla:') || everybody.test(one))
  if (name === undefined) return undefined
  return {
    ref,
    code: 'delivery.object_refused',
    message: `${refText(ref)} gives rights to ${name}`,
    remedy: 'Bind a ServiceAccount of the application; people get their rights by a Membership.',
  }
}

/** The same object twice in one Delivery: two components would take it from each other for good. */
export function computeClashes(objects: readonly PreparedObject[]): ObjectFailure[] {
  const seen = new Map<string, PreparedObject>()
  const clashes: ObjectFailure[] = []
  for (const object of objects) {
    const { group, kind, namespace, name } = object.ref
    const key = `${group}/${kind}/${namespace}/${name}`
    const first = seen.get(key)
    if (first === undefined) seen.set(key, object)
    else if (!(first.fromCrdFolder && object.fromCrdFolder)) {
      clashes.push({
        ref: object.ref,
        code: 'delivery.object_refused',
        message: `${refText(object.ref)} comes from component ${first.component} and from component ${object.component}`,
        remedy: 'Leave it to one of them.',
      })
    }
  }
  return clashes
}

export interface OwnershipContext {
  readonly deliveryUid: string
  readonly application: string
  readonly targetNamespace: string
  /** Release of the component that the object belongs to; undefined for kustomize and manifests. */
  readonly releaseName: string | undefined
  /** The component was applied here before, so that objects of its release are its own. */
  readonly appliedBefore: boolean
  readonly adopt: boolean
}

/** Whether an existing object may be taken: what is wrong with it, or undefined. */
export function computeOwnership(existing: KubeObject, context: OwnershipContext): ObjectFailure | undefined {
  const ref = refOf(existing)
  const owner = existing.metadata.labels?.[labels.delivery]
  if (owner === context.deliveryUid) return undefined
  const sameApplication = existing.metadata.labels?.[labels.application] === context.application
  // a Delivery that was made anew has another uid: its own objects may be adopted like anybody's
  if (owner !== undefined && !(context.adopt && sameApplication)) {
    const application = existing.metadata.labels?.[labels.application]
    return {
      ref,
      code: 'delivery.owned_by_other',
      message: `${refText(ref)} belongs to another delivery${application === undefined ? '' : `, of application ${application}`}`,
      remedy: 'Remove it from one of the two applications.',
    }
  }
  const release = existing.metadata.annotations?.['meta.helm.sh/release-name']
  const releaseNamespace = existing.metadata.annotations?.['meta.helm.sh/release-namespace'] ?? ref.namespace
  const sameRelease = release === context.releaseName && releaseNamespace === context.targetNamespace
  if (release !== undefined && !sameRelease) {
    return {
      ref,
      code: 'delivery.owned_by_other',
      message: `${refText(ref)} belongs to the Helm release ${releaseNamespace}/${release}`,
      remedy: `Take that release over with \`flotilla adopt\`, or remove the object from it.`,
    }
  }
  if (context.adopt || (release !== undefined && context.appliedBefore)) return undefined
  return {
    ref,
    code: 'delivery.owned_by_other',
    message: `${refText(ref)} exists already, and Flotilla did not bring it`,
    remedy: 'Take it over with `flotilla adopt`, or remove it.',
  }
}

/** Kinds, namespaces and roles that come with the same set: a dry-run cannot know them yet. */
export function computeArriving(objects: readonly PreparedObject[]): Arriving {
  const kinds: string[] = []
  const namespaces: string[] = []
  const roles: string[] = []
  for (const { ref, object } of objects) {
    if (ref.group === '' && ref.kind === 'Namespace') namespaces.push(ref.name)
    if (ref.group === rbacGroup && ['Role', 'ClusterRole'].includes(ref.kind)) roles.push(roleKey(ref))
    if (ref.group !== 'apiextensions.k8s.io' || ref.kind !== 'CustomResourceDefinition') continue
    const group = readText(object, 'spec', 'group')
    const kind = readText(object, 'spec', 'names', 'kind')
    if (group !== undefined && kind !== undefined) kinds.push(`${group}/${kind}`)
  }
  return { kinds, namespaces, roles }
}

const rbacGroup = 'rbac.authorization.k8s.io'
const roleKey = ({ kind, namespace, name }: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string =>
  `${kind}/${kind === 'Role' ? namespace : ''}/${name}`

/** A binding of a role that comes with the same set: Kubernetes looks into the role before it takes the binding. */
export function bindsArriving({ ref, object }: PreparedObject, { roles }: Arriving): boolean {
  if (ref.group !== rbacGroup || !ref.kind.endsWith('RoleBinding')) return false
  const [kind, name] = [readText(object, 'roleRef', 'kind'), readText(object, 'roleRef', 'name')]
  return kind !== undefined && name !== undefined && roles.includes(roleKey({ kind, name, namespace: ref.namespace }))
}

const shownFailures = 20

/** All failures in one message, the first ones in full. */
export function failuresText(failures: readonly ObjectFailure[]): string {
  const lines = failures
    .slice(0, shownFailures)
    .map(({ message, remedy }) => (remedy === undefined ? message : `${message}. ${remedy}`))
  const more = failures.length - lines.length
  return more === 0 ? lines.join('\n') : [...lines, `and ${more} more`].join('\n')
}
