import { canonicalJson, isRecord } from '@flotilla/model'
import { keyedDigest } from '@flotilla/render'

/**
 * Names what a migration runs: its pod, as it is sent, with its annotations, where charts put checksums of what it reads. Labels are left
 * out, as charts stamp their own version on them. Keyed: a template may hold the values of secrets.
 */
export function migrationDigest(digestKey: Uint8Array, template: unknown): string {
  const { metadata, spec } = isRecord(template) ? template : {}
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined
  return keyedDigest(digestKey, canonicalJson({ spec, ...(annotations === undefined ? {} : { annotations }) }))
}

/** Where it counts as the same one: in one target, or for one database of the project. */
export function migrationScope(
  target: { readonly cluster: string; readonly namespace: string },
  database: string | undefined,
): string {
  return database === undefined ? `target:${target.cluster}/${target.namespace}` : `database:${database}`
}
