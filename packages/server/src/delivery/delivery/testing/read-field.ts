import { isRecord } from '@flotilla/model'

/** What is at a path, or undefined. */
export function readField(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), value)
}
