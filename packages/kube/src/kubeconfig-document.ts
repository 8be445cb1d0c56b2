import { FlotillaError, isRecord } from '@flotilla/model'

/** A mapping of the file, with the path that names it to a person. */
export interface Section {
  readonly path: string
  readonly fields: ReadonlyMap<string, unknown>
}

export interface SelectedContext {
  readonly context: string
  readonly namespace: string | undefined
  readonly cluster: Section
  readonly user: Section
}

/** Picks the context of a file that is read as YAML already: whoever has the text knows how far it is to be trusted. */
export function selectContext(document: unknown, wanted: string | undefined): SelectedContext {
  const root = rootOf(document)
  const name = wanted ?? textOf(root, 'current-context')
  if (name === undefined || name === '') {
    throw refused('current-context', 'the file names no context to use', 'Set current-context, or name a context.')
  }
  const context = entry(root, 'contexts', 'context', name)
  const clusterName = textOf(context, 'cluster')
  const userName = textOf(context, 'user')
  if (clusterName === undefined)
    throw refused(`${context.path}.cluster`, 'it is missing', 'Name a cluster of the file.')
  if (userName === undefined) throw refused(`${context.path}.user`, 'it is missing', 'Name a user of the file.')
  return {
    context: name,
    namespace: textOf(context, 'namespace'),
    cluster: entry(root, 'clusters', 'cluster', clusterName),
    user: entry(root, 'users', 'user', userName),
  }
}

export function refused(field: string, why: string, remedy: string): FlotillaError {
  return new FlotillaError('kubeconfig.refused', { message: `Kubeconfig refused: ${field}: ${why}.`, remedy, field })
}

/** A field that must be text; undefined when it is not there. */
export function textOf({ path, fields }: Section, field: string): string | undefined {
  const value = fields.get(field)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw refused(join(path, field), 'it must be text', 'Put the value in quotes.')
  return value
}

export function flagOf({ path, fields }: Section, field: string): boolean {
  const value = fields.get(field)
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw refused(join(path, field), 'it must be true or false', 'Correct the value.')
  return value
}

export const join = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`)

function rootOf(document: unknown): Section {
  if (!isRecord(document)) throw refused('kind', 'the file is not a mapping', 'Give a complete kubeconfig.')
  const root = sectionOf('', document)
  const kind = textOf(root, 'kind')
  if (kind !== undefined && kind !== 'Config')
    throw refused('kind', 'it is not a kubeconfig', 'Give a file of kind Config.')
  return root
}

const sectionOf = (path: string, fields: Record<string, unknown>): Section => ({
  path,
  fields: new Map(Object.entries(fields)),
})

/** The one entry of a named list: `contexts: [{name, context}]`. */
function entry(root: Section, listName: string, bodyName: string, name: string): Section {
  const list = root.fields.get(listName)
  if (!Array.isArray(list)) throw refused(listName, 'it is missing or not a list', 'Give a complete kubeconfig.')
  const found = list.flatMap((item: unknown, at) => (isRecord(item) && item['name'] === name ? [{ item, at }] : []))
  const [first] = found
  if (first === undefined) throw refused(listName, `it has no entry named ${JSON.stringify(name)}`, 'Correct the name.')
  if (found.length > 1)
    throw refused(`${listName}[${found[1]?.at}].name`, 'the name appears twice', 'Keep one of them.')
  const body = first.item[bodyName]
  const path = `${listName}[${first.at}].${bodyName}`
  if (!isRecord(body)) throw refused(path, 'it is missing or not a mapping', 'Give a complete kubeconfig.')
  return sectionOf(path, body)
}
