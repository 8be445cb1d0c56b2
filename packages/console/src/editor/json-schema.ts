/** The part of JSON Schema (2020-12) that the kinds use. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly anyOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly [other: string]: unknown
}

/** The schema of what lies at a path; undefined where anything may be. */
export function schemaAt(schema: JsonSchema, path: readonly (string | number)[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema
  for (const step of path) {
    if (at === undefined) return undefined
    if (typeof step === 'number') at = at.items
    else {
      const named: JsonSchema | undefined = at.properties?.[step]
      const rest: boolean | JsonSchema | undefined = at.additionalProperties
      at = named ?? (typeof rest === 'object' ? rest : undefined)
    }
  }
  return at
}

/** Whether an object of this schema may hold fields that it does not name. */
export const isOpen = (schema: JsonSchema): boolean =>
  schema.properties === undefined ||
  schema['x-kubernetes-preserve-unknown-fields'] === true ||
  (schema.additionalProperties !== undefined && schema.additionalProperties !== false)
