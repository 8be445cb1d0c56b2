import type { z } from 'zod'
import { type ErrorCode, FlotillaError } from './errors.ts'

/** Writes the path of a zod issue as a person would: `spec.components[0].name`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const step of path) {
    text += typeof step === 'number' ? `[${step}]` : text === '' ? String(step) : `.${String(step)}`
  }
  return text
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

const secretField = /password|token|secret|key|credential|authorization|kubeconfig|document|values/i

/** Parses untrusted input; the error names the field, its value (never of a field that may be secret) and the remedy. */
export function parseInput<T extends z.ZodType>(
  schema: T,
  input: unknown,
  code: ErrorCode = 'input.invalid',
): z.output<T> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [first] = result.error.issues
  if (first === undefined) throw new FlotillaError(code, { message: 'The input is not valid' })
  const field = fieldPath(first.path)
  const value = valueAt(input, first.path)
  const shown =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  const unknownKeys = first.code === 'unrecognized_keys' ? `: ${first.keys.join(', ')}` : ''
  throw new FlotillaError(code, {
    message: `${field === '' ? 'The input' : field}: ${first.message}${unknownKeys}`,
    field: field === '' ? undefined : field,
    value: secretField.test(field) ? undefined : shown,
    remedy: result.error.issues.length > 1 ? `Mend it and ${result.error.issues.length - 1} more` : undefined,
  })
}
