import type { AuditQuestion } from '../audit-store.ts'
import type { Value } from './work.ts'

/** Each value is given beside the text, never in it. */
export function conditionOf(question: AuditQuestion): { text: string; values: Value[] } {
  const parts: string[] = []
  const values: Value[] = []
  const add = (text: string, ...more: Value[]): void => {
    parts.push(text)
    values.push(...more)
  }
  const oneOf = (column: string, wanted: readonly string[] | undefined): void => {
    if (wanted !== undefined) add(anyOf(column, wanted), ...wanted)
  }
  if (question.since !== undefined) add('at >= ?', question.since)
  if (question.until !== undefined) add('at <= ?', question.until)
  if (question.person !== undefined) add('(actor = ? OR actor_uid = ?)', question.person, question.person)
  if (question.name !== undefined) add('name = ?', question.name)
  oneOf('kind', question.kinds)
  oneOf('source', question.sources)
  oneOf('cluster', question.clusters)
  oneOf('workspace', question.workspaces)
  oneOf('project', question.projects)
  if (question.verbs !== undefined) {
    const whole = question.verbs.filter((verb) => !verb.endsWith('.'))
    const beginnings = question.verbs.filter((verb) => verb.endsWith('.'))
    add(
      `(${[anyOf('verb', whole), ...beginnings.map(() => 'substr(verb, 1, ?) = ?')].join(' OR ')})`,
      ...whole,
      ...beginnings.flatMap((beginning) => [beginning.length, beginning]),
    )
  }
  if (question.results !== undefined) oneOf('result', question.results)
  else
    add(
      "(result <> 'begun' OR NOT EXISTS (SELECT 1 FROM audit AS ended WHERE ended.request = audit.request AND ended.result <> 'begun'))",
    )
  if (question.within !== undefined) {
    const { workspaces, projects } = question.within
    add(`(${anyOf('workspace_uid', workspaces)} OR ${anyOf('project_uid', projects)})`, ...workspaces, ...projects)
  }
  return { text: parts.map((part) => ` AND ${part}`).join(''), values }
}

const anyOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? '1 = 0' : `${column} IN (${values.map(() => '?').join(', ')})`
