import type { AuditFilter, AuditResult, AuditSource } from '@flotilla/api'

export const results: readonly AuditResult[] = ['allowed', 'denied', 'failed', 'begun']
export const sources: readonly AuditSource[] = ['api', 'kubernetes', 'controller', 'audit']
export const spans = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 } as const
export type Span = keyof typeof spans

export const isSpan = (text: string): text is Span => Object.hasOwn(spans, text)

/** What the address asks for; the span becomes a time only when it is asked. Words that mean nothing are left out. */
export interface AuditSearch {
  readonly span: Span | undefined
  readonly filter: Omit<AuditFilter, 'since' | 'until'>
}

export function readAuditSearch(search: URLSearchParams, clusters: readonly string[] | undefined): AuditSearch {
  const text = (name: string): string => search.get(name)?.trim().slice(0, 200) ?? ''
  const among = <T extends string>(name: string, known: readonly T[]): T[] =>
    known.filter((one) => search.getAll(name).includes(one))
  const result = among('result', results)
  const source = among('source', sources)
  const project = search.getAll('project').filter((word) => word !== '')
  const workspace = search.getAll('workspace').filter((word) => word !== '')
  const [person, name, span] = [text('person'), text('name'), text('span')]
  return {
    span: isSpan(span) ? span : undefined,
    filter: {
      ...(person === '' ? {} : { person }),
      ...(name === '' ? {} : { name }),
      ...(result.length === 0 ? {} : { result }),
      ...(source.length === 0 ? {} : { source }),
      ...(project.length === 0 ? {} : { project }),
      ...(workspace.length === 0 ? {} : { workspace }),
      ...(clusters === undefined ? {} : { cluster: [...clusters] }),
    },
  }
}

export const isFiltered = ({ span, filter }: AuditSearch): boolean =>
  span !== undefined || Object.keys(filter).length > 0
