import { z } from 'zod'
import { Condition } from '../conditions.ts'
import { apiVersion } from '../labels.ts'

export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date' | 'boolean'
  readonly jsonPath: string
  readonly description?: string
  readonly priority?: number
}

export interface CelRule {
  readonly rule: string
  readonly message: string
}

/** Attach CEL rules to a schema: they become `x-kubernetes-validations` in the custom resource. */
export const cel = (...rules: CelRule[]) => ({ 'x-kubernetes-validations': rules })
/** Marks an object whose unknown fields Kubernetes has to keep (values, patches). */
export const preserveUnknown = { 'x-kubernetes-preserve-unknown-fields': true }
/** Marks an array as a map by key, so that server-side apply merges items of several owners. */
export const listMap = (...keys: string[]) => ({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys })

export interface KindDefinition<Kind extends string, Spec extends z.ZodType, Status extends z.ZodType> {
  readonly kind: Kind
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly scope: 'Cluster' | 'Namespaced'
  readonly description: string
  readonly spec: Spec
  readonly status: Status
  readonly printerColumns: readonly PrinterColumn[]
  /** Rules over the whole object (`self.metadata.name`, `self.spec`). */
  readonly validations: readonly CelRule[]
}

export type AnyKind = KindDefinition<string, z.ZodType, z.ZodType>

export function defineKind<Kind extends string, Spec extends z.ZodType, Status extends z.ZodType>(
  definition: Omit<KindDefinition<Kind, Spec, Status>, 'validations' | 'shortNames'> & {
    validations?: readonly CelRule[]
    shortNames?: readonly string[]
  },
): KindDefinition<Kind, Spec, Status> {
  return { validations: [], shortNames: [], ...definition }
}

export const Meta = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
})
export type Meta = z.infer<typeof Meta>

/** The whole object of a kind: what is read from the API server and, without status, what a person writes. */
export function objectSchema<Kind extends string, Spec extends z.ZodType, Status extends z.ZodType>(
  definition: KindDefinition<Kind, Spec, Status>,
) {
  return z.object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(definition.kind),
    metadata: Meta,
    spec: definition.spec,
    status: definition.status.optional(),
  })
}

/** Status fields that every kind has. */
export const baseStatus = {
  observedGeneration: z.number().int().optional().describe('Generation of the spec that this status speaks of'),
  conditions: z.array(Condition).max(32).meta(listMap('type')).optional(),
}
