import { z } from 'zod'
import type { AnyKind } from './kinds/define-kind.ts'
import { group, version } from './labels.ts'
import type { KubeObject } from './objects.ts'

type Schema = Record<string, unknown>

/**
 * The custom resource definition of a kind, from its zod model. Kubernetes wants a structural schema
 * (apiextensions.k8s.io/v1): no $ref, no additionalProperties beside properties, no defaults without a type.
 */
export function crdOf(kind: AnyKind): KubeObject {
  const schema: Schema = {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structural(toJsonSchema(kind.spec)),
      status: structural(toJsonSchema(kind.status)),
    },
    ...(kind.validations.length === 0 ? {} : { 'x-kubernetes-validations': kind.validations }),
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: ['flotilla'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          additionalPrinterColumns: kind.printerColumns,
        },
      ],
    },
  }
}

function toJsonSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0', unrepresentable: 'any', reused: 'inline' })
}

const kept = new Set([
  'type',
  'description',
  'required',
  'enum',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'default',
  'nullable',
])

/** Keeps what a structural schema may say and bounds what it must bound. */
function structural(schema: Schema): Schema {
  const out: Schema = {}
  for (const [key, value] of Object.entries(schema)) {
    if (kept.has(key) || key.startsWith('x-kubernetes-')) out[key] = value
  }
  // zod writes safe-integer limits that say nothing
  if (out['maximum'] === Number.MAX_SAFE_INTEGER) delete out['maximum']
  if (out['minimum'] === Number.MIN_SAFE_INTEGER) delete out['minimum']
  if (out['type'] === 'integer') out['format'] = 'int64'
  const { properties, items, additionalProperties, allOf } = schema
  if (isSchema(properties)) {
    out['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [name, structural(asSchema(child))]),
    )
  } else if (out['x-kubernetes-preserve-unknown-fields'] !== true && isSchema(additionalProperties)) {
    out['additionalProperties'] = structural(additionalProperties)
  }
  if (isSchema(items)) out['items'] = structural(items)
  const patterns = [out['pattern'], ...(Array.isArray(allOf) ? allOf.map((part) => asSchema(part)['pattern']) : [])]
    .filter((pattern) => typeof pattern === 'string')
    .map((pattern) => pattern.replaceAll('\\p{Cc}', '\\x00-\\x1f\\x7f'))
  const [first, ...more] = new Set(patterns)
  if (first !== undefined) out['pattern'] = first
  // several patterns on one string: a structural schema takes one beside the type, and the others as value validations
  if (more.length > 0) out['allOf'] = more.map((pattern) => ({ pattern }))
  return out
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const asSchema = (value: unknown): Schema => (isSchema(value) ? value : {})
