import { createHmac } from 'node:crypto'
import { canonicalJson, group, type HookInHand, isRecord, type KubeObject } from '@flotilla/model'
import type { HashKey } from './hash.ts'

export type HookMigration = NonNullable<HookInHand['migration']>

/** On a hook of a chart, `"true"`: it changes data. `"irreversible"` says both this and the next. */
export const migrationAnnotation = `${group}/migration`
/** `"false"`: nothing is rolled back past it, unless forced. */
const reversibleAnnotation = `${group}/migration-reversible`
/** `"true"`: it may run again when nobody knows how it ended. */
const idempotentAnnotation = `${group}/migration-idempotent`
/** The database that it changes: it runs once for it, whichever target. Absent: once per target. */
const databaseAnnotation = `${group}/migration-database`

export interface DeclaredMigration {
  readonly reversible: boolean
  readonly idempotent: boolean
  readonly database?: string | undefined
}

/** What a chart says of a hook that migrates; undefined of one that does not. */
export function declaredMigration({ metadata: { annotations = {} } }: KubeObject): DeclaredMigration | undefined {
  const text = (name: string): string => annotations[name]?.trim().toLowerCase() ?? ''
  const said = text(migrationAnnotation)
  if (said === '' || said === 'false') return undefined
  const database = annotations[databaseAnnotation]?.trim()
  return {
    reversible: said !== 'irreversible' && text(reversibleAnnotation) !== 'false',
    idempotent: text(idempotentAnnotation) === 'true',
    ...(database === undefined || database === '' ? {} : { database }),
  }
}

/** By what a hook that migrates is known in the ledger; undefined of one that does not, or that does not run and end. */
export function migrationOf(
  hook: KubeObject,
  target: { readonly cluster: string; readonly namespace: string },
  key: HashKey,
): HookMigration | undefined {
  const declared = declaredMigration(hook)
  if (declared === undefined || !['Job', 'Pod'].includes(hook.kind)) return undefined
  const { spec } = hook
  // a Pod's own annotations say when the hook runs, not what
  const template = hook.kind === 'Job' && isRecord(spec) ? spec['template'] : { spec }
  return {
    digest: migrationDigest(key, template),
    scope: migrationScope(target, declared.database),
    reversible: declared.reversible,
    idempotent: declared.idempotent,
  }
}

/**
 * Names what a migration runs: its pod, as it is sent, with its annotations, where charts put checksums of what it reads. Labels are left
 * out, as charts stamp their own version on them. Keyed: a template may hold the values of secrets.
 */
export function migrationDigest(key: HashKey, template: unknown): string {
  const { metadata, spec } = isRecord(template) ? template : {}
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined
  const content = canonicalJson({ spec, ...(annotations === undefined ? {} : { annotations }) })
  return `hmac-sha256:${createHmac('sha256', key).update(content).digest('hex')}`
}

/** Where it counts as the same one: in one target, or for one database of the project. */
export function migrationScope(
  target: { readonly cluster: string; readonly namespace: string },
  database: string | undefined,
): string {
  return database === undefined ? `target:${target.cluster}/${target.namespace}` : `database:${database}`
}
