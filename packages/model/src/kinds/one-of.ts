import { z } from 'zod'
import { cel } from './define-kind.ts'

export const exactlyOne = (...fields: string[]) =>
  cel({
    rule: `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(x, x).size() == 1`,
    message: `exactly one of ${fields.join(', ')} is needed`,
  })

export const hasExactlyOne = (fields: readonly string[]) => (value: Record<string, unknown>) =>
  fields.filter((field) => value[field] !== undefined).length === 1

/** A zod object of optional fields of which exactly one is given, beside `rest`; the rule also holds at admission. */
export function oneOf<Shape extends Record<string, z.ZodOptional>, Rest extends z.ZodRawShape>(
  shape: Shape,
  rest: Rest,
) {
  const fields = Object.keys(shape)
  return z
    .object({ ...rest, ...shape })
    .refine(hasExactlyOne(fields), `exactly one of ${fields.join(', ')} is needed`)
    .meta(exactlyOne(...fields))
}
