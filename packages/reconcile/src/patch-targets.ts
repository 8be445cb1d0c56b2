import { type Finding, type KubeObject, parseApiVersion, type Patch } from '@flotilla/model'
import type { PatchLayer } from './layers.ts'

/** Whether a patch of an override is meant for this rendered object. A `*` in the name stands for anything. */
export function patchConcerns(target: Patch['target'], object: KubeObject): boolean {
  if (target.kind !== object.kind) return false
  if (target.group !== undefined && target.group !== parseApiVersion(object.apiVersion).group) return false
  return target.name === undefined || matchesName(target.name, object.metadata.name)
}

/** Patches that find no object among what was rendered for one component in one target. */
export function findUnmatchedPatches(
  patches: readonly PatchLayer[],
  objects: readonly KubeObject[],
): { finding: Finding; required: boolean; override: string }[] {
  return patches
    .filter(({ patch }) => !objects.some((object) => patchConcerns(patch.target, object)))
    .map(({ override, required, index, patch: { target } }) => ({
      required,
      override,
      finding: {
        severity: required ? 'Error' : 'Warning',
        code: 'delivery.override_unmatched',
        message: `Patch ${index + 1} of override ${override} finds no ${target.kind}${target.name === undefined ? '' : ` ${target.name}`}`,
      },
    }))
}

function matchesName(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === name
  const [first = '', ...rest] = parts
  const last = rest.pop() ?? ''
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
