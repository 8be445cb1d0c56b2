import { isRecord, type KubeObject } from '@flotilla/model'
import type { Finding } from '@flotilla/render'
import type { StoredSet } from '../rendered-set.ts'

/** Fields of one object that a chart renders differently each time: passwords, certificates, checksums of them. */
export interface UnstableFields {
  /** As findings name it: `Secret web`, or `Secret shop/web` where the chart says the namespace. */
  readonly object: string
  /** `metadata.name` where the name itself is drawn. */
  readonly paths: readonly string[]
}

export function unstableFields(findings: readonly Finding[]): UnstableFields[] {
  return findings.flatMap(({ code, object, path, paths }) =>
    code === 'render.unstable' && object !== undefined && path !== undefined
      ? [{ object, paths: paths ?? [path] }]
      : [],
  )
}

/** Whether two renders of one chart differ in nothing but what it draws by lot. */
export function differsByLot(settled: StoredSet, fresh: StoredSet, unstable: readonly UnstableFields[]): boolean {
  if (unstable.length === 0) return false
  const before = objectsOf(settled)
  const now = objectsOf(fresh)
  if (before.length !== now.length) return false
  const left = new Map(before.map((one) => [keyOf(one), one]))
  const renamed: KubeObject[] = []
  for (const object of now) {
    const paths = unstable.filter((one) => names(one.object, object)).flatMap((one) => one.paths)
    const old = left.get(keyOf(object))
    if (old === undefined) {
      if (!paths.includes('metadata.name')) return false
      renamed.push(object)
      continue
    }
    left.delete(keyOf(object))
    if (differences(old, object).some((path) => !paths.some((known) => isWithin(path, known)))) return false
  }
  // objects under drawn names are told from each other by their kind alone
  const kinds = (list: Iterable<KubeObject>): string =>
    [...list]
      .map((one) => one.kind)
      .sort()
      .join()
  return kinds(left.values()) === kinds(renamed)
}

/** Everything that is delivered; what is said of a hook stands with its object. */
function objectsOf({ crds, objects, hooks }: StoredSet): KubeObject[] {
  const described = hooks.map(({ object, events, weight, deletePolicies }) =>
    Object.assign({}, object, { hook: { events, weight, deletePolicies } }),
  )
  return [...crds, ...objects, ...described]
}

const keyOf = ({ apiVersion, kind, metadata, hook }: KubeObject): string =>
  JSON.stringify([hook !== undefined, apiVersion, kind, metadata.namespace, metadata.name || metadata.generateName])

function names(text: string, { kind, metadata }: KubeObject): boolean {
  const name = metadata.name || (metadata.generateName ?? '')
  return text === `${kind} ${name}` || text === `${kind} ${metadata.namespace ?? ''}/${name}`
}

const isWithin = (path: string, known: string): boolean =>
  path === known || (path.startsWith(known) && (path[known.length] === '.' || path[known.length] === '['))

/** Paths of the fields that differ, written as the Helm worker writes them. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (Object.is(a, b)) return []
  if (isRecord(a) && isRecord(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap((key) => differences(a[key], b[key], joinPath(path, key)))
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.flatMap((item: unknown, index) => differences(item, b[index], `${path}[${index}]`))
  return [path]
}

function joinPath(path: string, key: string): string {
  if (/[./[\]"]/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
