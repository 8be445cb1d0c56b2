import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { UsageError } from '../exit.ts'

/** What one context of ours is made of, in kubeconfig's own words. */
export interface KubeContext {
  readonly name: string
  readonly cluster: Readonly<Record<string, unknown>>
  /** A namespace of the person's own there. */
  readonly namespace?: string | undefined
}

export interface KubeAccess {
  /** Name of the user entry that all contexts share. */
  readonly user: string
  readonly exec: Readonly<Record<string, unknown>>
  readonly contexts: readonly KubeContext[]
  /** Whether a context of ours from before, by its name and its cluster's address, is reached no longer. */
  readonly isGone: (name: string, server: string) => boolean
}

export interface MergedKubeconfig {
  readonly text: string
  /** Contexts of an earlier time that are reached no longer, and were taken out. */
  readonly removed: readonly string[]
}

const sections = ['clusters', 'contexts', 'users'] as const

/**
 * Puts our contexts into a kubeconfig. What others wrote stays as it is, comments included; entries of ours from before
 * are known by their user. Errors: a file that cannot be read as a kubeconfig, a name that somebody else uses.
 */
export function mergeKubeconfig(existing: string, access: KubeAccess, file: string): MergedKubeconfig {
  const document = parse(existing, file)
  const before = ownContexts(document, access.user)
  for (const { name } of access.contexts) refuseForeign(document, name, access.user, before, file)
  const wanted = new Set(access.contexts.map(({ name }) => name))
  const removed = [...before].filter((name) => !wanted.has(name) && access.isGone(name, serverOf(document, name)))
  for (const name of removed) {
    take(document, 'contexts', name)
    take(document, 'clusters', name)
  }
  put(document, 'users', access.user, 'user', { exec: access.exec })
  for (const { name, cluster, namespace } of access.contexts) {
    put(document, 'clusters', name, 'cluster', cluster)
    // a namespace that the person chose stays
    const chosen = before.has(name) ? namespaceOf(document, name) : undefined
    const where = chosen ?? namespace
    put(document, 'contexts', name, 'context', {
      cluster: name,
      user: access.user,
      ...(where === undefined ? {} : { namespace: where }),
    })
  }
  const current = document.get('current-context')
  const gone = typeof current === 'string' && removed.includes(current)
  if ((gone || current === undefined || current === null || current === '') && access.contexts[0] !== undefined)
    document.set('current-context', access.contexts[0].name)
  else if (gone) document.set('current-context', '')
  return { text: document.toString({ lineWidth: 0 }), removed }
}

function parse(text: string, file: string): Document {
  const document = parseDocument(text.trim() === '' ? 'apiVersion: v1\nkind: Config\n' : text)
  const [problem] = document.errors
  if (problem !== undefined || !isMap(document.contents))
    throw new UsageError(
      `${file} is no kubeconfig: ${problem?.message.split('\n')[0] ?? 'it holds no mapping'}; nothing was changed`,
    )
  for (const section of sections) {
    const held = document.get(section)
    if (held === undefined || held === null) document.set(section, document.createNode([]))
    else if (!isSeq(held)) throw new UsageError(`${file} is no kubeconfig: ${section} is no list; nothing was changed`)
  }
  return document
}

function entries(document: Document, section: (typeof sections)[number]): YAMLMap[] {
  const held = document.get(section)
  return isSeq(held) ? held.items.filter((item) => isMap(item)) : []
}

const find = (document: Document, section: (typeof sections)[number], name: string): YAMLMap | undefined =>
  entries(document, section).find((entry) => entry.get('name') === name)

function ownContexts(document: Document, user: string): Set<string> {
  const ours = entries(document, 'contexts').filter((entry) => entry.getIn(['context', 'user']) === user)
  return new Set(ours.map((entry) => String(entry.get('name'))))
}

const namespaceOf = (document: Document, name: string): string | undefined => {
  const found = find(document, 'contexts', name)?.getIn(['context', 'namespace'])
  return typeof found === 'string' ? found : undefined
}

const serverOf = (document: Document, name: string): string => {
  const found = find(document, 'clusters', name)?.getIn(['cluster', 'server'])
  return typeof found === 'string' ? found : ''
}

function refuseForeign(document: Document, name: string, user: string, ours: ReadonlySet<string>, file: string): void {
  const foreignContext = find(document, 'contexts', name) !== undefined && !ours.has(name)
  const usedByOthers = entries(document, 'contexts').some(
    (entry) => entry.getIn(['context', 'cluster']) === name && entry.getIn(['context', 'user']) !== user,
  )
  if (!foreignContext && !usedByOthers) return
  throw new UsageError(
    `${file} has a context or cluster "${name}" that is not Flotilla's; choose other names with --prefix, or another file with --file`,
  )
}

function put(document: Document, section: (typeof sections)[number], name: string, key: string, value: unknown): void {
  const found = find(document, section, name)
  if (found !== undefined) found.set(key, document.createNode(value))
  else document.addIn([section], document.createNode({ name, [key]: value }))
}

function take(document: Document, section: (typeof sections)[number], name: string): void {
  const held = document.get(section)
  if (!isSeq(held)) return
  held.items = held.items.filter((item) => !isMap(item) || item.get('name') !== name)
}
