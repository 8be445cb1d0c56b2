import { createHash } from 'node:crypto'
import type { KubeObject } from '@flotilla/model'

export const objectCount = 10
export const configMapCount = 6

export interface TenObjectsOptions {
  /** Lands in every ConfigMap that changes and in the pod template. */
  readonly value: string
  readonly replicas: number
  readonly image: string
  /** With true only the first ConfigMap takes the value, and everything else stays as it is. */
  readonly onlyFirst?: boolean
}

const name = 'shop'
export const deploymentName = name

/** An application of ten objects of usual kinds: a Deployment, its Service and account, a Secret and six ConfigMaps. */
export function tenObjects({ value, replicas, image, onlyFirst = false }: TenObjectsOptions): KubeObject[] {
  const shared = onlyFirst ? 'same' : value
  const labels = { app: name }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { password: 'bench' } },
    ...Array.from({ length: configMapCount }, (_, at) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: configMapName(at) },
      data: { value: at === 0 ? value : shared, filler: createHash('sha256').update(String(at)).digest('hex') },
    })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'bench/value': shared } },
          spec: {
            serviceAccountName: name,
            terminationGracePeriodSeconds: 0,
            containers: [{ name: 'main', image }],
          },
        },
      },
    },
  ]
}

export const configMapName = (at: number): string => `${name}-${at}`

/** As one stream of documents; JSON is YAML. */
export const asDocuments = (objects: readonly KubeObject[]): string =>
  objects.map((object) => JSON.stringify(object)).join('\n---\n')
