import type { Patch } from './kinds/application.ts'
import { type KubeObject, parseApiVersion } from './objects.ts'

/** Whether a patch is meant for this object. A `*` in the name stands for any text, an empty one included. */
export function matchesTarget(target: Patch['target'], object: KubeObject): boolean {
  if (target.kind !== object.kind) return false
  if (target.group !== undefined && target.group !== parseApiVersion(object.apiVersion).group) return false
  return target.name === undefined || matchesGlob(target.name, object.metadata.name)
}

function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  if (parts.length === 1) return text === first
  const last = parts.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > text.length - last.length) return false
    at = found + part.length
  }
  return true
}
