import { asKubernetesReads } from '@flotilla/model/yaml'
import { parse } from 'yaml'

/** Where a component comes from, as the form offers it; `other` is what only the YAML can say. */
export const sourceTypes = ['chart', 'repository', 'gitChart', 'kustomize', 'manifests', 'inline'] as const
export type SourceType = (typeof sourceTypes)[number]

type Path = readonly (string | number)[]

/** Fields of a source in the document, below its component. */
export const sourceFields: Record<SourceType, { readonly at: Path; readonly fields: readonly string[] }> = {
  chart: { at: ['helm', 'chart', 'oci'], fields: ['url', 'version'] },
  repository: { at: ['helm', 'chart', 'repository'], fields: ['url', 'name', 'version'] },
  gitChart: { at: ['helm', 'chart', 'git'], fields: ['url', 'ref', 'path'] },
  kustomize: { at: ['kustomize', 'git'], fields: ['url', 'ref', 'path'] },
  manifests: { at: ['manifests', 'git'], fields: ['url', 'ref', 'path'] },
  inline: { at: ['manifests'], fields: ['inline'] },
}

export interface FormComponent {
  readonly name: string
  readonly type: SourceType | 'other'
  readonly fields: Readonly<Record<string, string>>
}

export interface FormModel {
  readonly name: string
  readonly components: readonly FormComponent[]
  readonly placement: { readonly type: 'all' | 'other' } | { readonly type: 'names'; readonly names: readonly string[] }
  readonly driftPolicy: 'Repair' | 'Report'
  readonly maxConcurrency: number
  readonly paused: boolean
}

export function getIn(value: unknown, path: Path): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = Reflect.get(at, step)
  }
  return at
}

const asText = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

function readComponent(value: unknown): FormComponent {
  const name = asText(getIn(value, ['name']))
  const type = sourceTypes.find((one) => {
    const { at, fields } = sourceFields[one]
    const source = getIn(value, at)
    return (
      typeof source === 'object' && source !== null && (one !== 'inline' || typeof getIn(source, fields) === 'string')
    )
  })
  if (type === undefined) return { name, type: 'other', fields: {} }
  const { at, fields } = sourceFields[type]
  return {
    name,
    type,
    fields: Object.fromEntries(fields.map((field) => [field, asText(getIn(value, [...at, field]))])),
  }
}

function readPlacement(spec: unknown): FormModel['placement'] {
  const placement = getIn(spec, ['placement'])
  const clusters = getIn(placement, ['clusters'])
  const names = getIn(clusters, ['names'])
  const byLabel = getIn(clusters, ['selector']) !== undefined || getIn(placement, ['environments']) !== undefined
  if (byLabel) return { type: 'other' }
  return Array.isArray(names) ? { type: 'names', names: names.map(asText) } : { type: 'all' }
}

/** What the form shows of a document. Undefined when the text is no YAML mapping: then only the text can mend it. */
export function readForm(text: string): FormModel | undefined {
  let document: unknown
  try {
    document = parse(text, { ...asKubernetesReads, maxAliasCount: 100 })
  } catch {
    return undefined
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const spec = getIn(document, ['spec'])
  const components = getIn(spec, ['components'])
  const concurrency = getIn(spec, ['maxConcurrency'])
  return {
    name: asText(getIn(document, ['metadata', 'name'])),
    components: Array.isArray(components) ? components.map(readComponent) : [],
    placement: readPlacement(spec),
    driftPolicy: getIn(spec, ['driftPolicy']) === 'Report' ? 'Report' : 'Repair',
    maxConcurrency: typeof concurrency === 'number' ? concurrency : 5,
    paused: getIn(spec, ['paused']) === true,
  }
}

/** A new source of a type, with its fields empty. */
export function emptySource(type: SourceType): Record<string, unknown> {
  const { at, fields } = sourceFields[type]
  let value: Record<string, unknown> = Object.fromEntries(fields.map((field) => [field, '']))
  for (const step of at.toReversed()) value = { [step]: value }
  return value
}
