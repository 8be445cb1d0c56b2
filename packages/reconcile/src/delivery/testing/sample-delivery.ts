import type { Delivery, KubeObject } from '@flotilla/model'
import type { DeliveryHook, DeliverySet } from '../types.ts'

export const sampleUid = '0b5e3a3e-8a55-4e0c-9a4c-000000000001'
const namespace = 'shop'

export const configMap = (name: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { value },
})

export const hook = (name: string, events: string[], deletePolicies: string[] = [], kind = 'Job'): DeliveryHook => ({
  name,
  object: { apiVersion: kind === 'Job' ? 'batch/v1' : 'v1', kind, metadata: { name, namespace } },
  events,
  weight: 0,
  deletePolicies,
})

export const sampleSet = (
  component: string,
  objects: KubeObject[],
  hooks: DeliveryHook[] = [],
  releaseName?: string,
): DeliverySet => ({
  component,
  crds: [],
  objects,
  hooks,
  ...(releaseName === undefined ? {} : { helm: { releaseName } }),
})

/** What is wanted: component -> digest of its set. */
export function desiredOf(
  components: Readonly<Record<string, string>>,
  revision = 1,
): NonNullable<Delivery['spec']['desired']> {
  return {
    revision,
    digest: Object.entries(components).flat().join('+'),
    components: Object.entries(components).map(([name, digest]) => ({
      name,
      digest,
      version: digest,
      ownOverrides: 0,
      hookTimeoutSeconds: 60,
    })),
  }
}

export function sampleDelivery(desired: Delivery['spec']['desired'], spec: Partial<Delivery['spec']> = {}): Delivery {
  return {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Delivery',
    metadata: { name: 'shop.east', namespace: 'pj-shop', uid: sampleUid, generation: 1 },
    spec: {
      application: { name: 'shop', uid: 'application-uid' },
      project: { name: 'shop', uid: 'project-uid', scope: 'Namespaced' },
      target: { cluster: 'east', namespace },
      desired,
      driftPolicy: 'Repair',
      deletionPolicy: 'Delete',
      paused: false,
      ...spec,
    },
  }
}
