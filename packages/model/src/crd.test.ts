import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crdOf } from './crd.ts'
import { kinds } from './kinds/index.ts'

/** Structural schema rules of apiextensions.k8s.io/v1 that a wrong zod construct would break. */
function findFaults(schema: Record<string, unknown>, path: string): string[] {
  const faults: string[] = []
  for (const banned of ['$ref', 'anyOf', 'oneOf', 'not', 'const', '$schema', 'propertyNames']) {
    if (banned in schema) faults.push(`${path}: ${banned}`)
  }
  // allOf may say more of a value, never of its shape
  for (const part of (schema['allOf'] ?? []) as object[]) {
    if (Object.keys(part).join() !== 'pattern') faults.push(`${path}: allOf of more than patterns`)
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (!open && typeof schema['type'] !== 'string') faults.push(`${path}: no type`)
  const { properties, items, additionalProperties } = schema
  if (properties !== undefined && additionalProperties !== undefined)
    faults.push(`${path}: properties beside additionalProperties`)
  if (schema['type'] === 'array' && items === undefined) faults.push(`${path}: array without items`)
  for (const [name, child] of Object.entries(properties ?? {}))
    faults.push(...findFaults(child as Record<string, unknown>, `${path}.${name}`))
  if (items !== undefined) faults.push(...findFaults(items as Record<string, unknown>, `${path}[]`))
  if (typeof additionalProperties === 'object')
    faults.push(...findFaults(additionalProperties as Record<string, unknown>, `${path}{}`))
  return faults
}

describe('custom resource definitions', () => {
  for (const kind of kinds) {
    test(`${kind.kind} has a structural schema`, () => {
      const crd = crdOf(kind) as unknown as {
        spec: { versions: [{ schema: { openAPIV3Schema: Record<string, unknown> } }] }
      }
      assert.deepEqual(findFaults(crd.spec.versions[0].schema.openAPIV3Schema, kind.kind), [])
    })
  }
})
