import type { RunQuestion } from '../history-store.ts'
import { namesInQuestion } from '../image-names.ts'
import type { PageCursor } from '../page-cursor.ts'
import type { Value } from './work.ts'

interface Asked {
  readonly text: string
  readonly values: readonly Value[]
}

/** Rows of `history_runs`, newest first. Each value is given beside the text, never in it. */
export function statementOf(question: RunQuestion, before: PageCursor | undefined, limit: number): Asked {
  const byImage = question.image !== undefined
  const parts: string[] = []
  const values: Value[] = []
  const add = (text: string, ...more: Value[]): void => {
    // a database's text has no NUL, so nothing has that name
    parts.push(more.some((value) => typeof value === 'string' && value.includes('\0')) ? '1 = 0' : text)
    if (parts.at(-1) === text) values.push(...more)
  }
  const equals = (column: string, wanted: string | undefined): void => {
    if (wanted !== undefined) add(`${column} = ?`, wanted)
  }

  // images have the times of their runs, so that an index of theirs finds and orders
  const of = byImage ? 'image' : 'run'
  if (byImage) {
    const { repository, tagged, digest } = namesInQuestion(question.image ?? '')
    if (repository !== '') add('image.repository = ?', repository)
    if (tagged !== '') add('image.tagged = ?', tagged)
    if (digest !== '') add('image.digest = ?', digest)
    if (repository === '' && digest === '') add('1 = 0')
  }
  if (question.running !== undefined) add(`${of}.until_at IS ${question.running ? '' : 'NOT '}NULL`)
  if (question.at !== undefined) {
    const at = Date.parse(question.at)
    add(`${of}.from_at <= ? AND (${of}.until_at IS NULL OR ${of}.until_at > ?)`, at, at)
  }
  const id = byImage ? 'image.run_id' : 'run.id'
  if (before !== undefined) add(`(${of}.from_at, ${id}) < (?, ?)`, before.at, Number(before.ties[0]))
  const { projectUids } = question
  if (projectUids?.length === 0) add('1 = 0')
  else if (projectUids !== undefined)
    add(`run.project_uid IN (${projectUids.map(() => '?').join(', ')})`, ...projectUids)
  equals('run.project', question.project)
  equals('run.application', question.application)
  equals('run.cluster', question.cluster)
  equals('run.namespace', question.namespace)
  equals('run.component', question.component)
  equals('run.release', question.release)

  const where = parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`
  values.push(limit)
  if (!byImage)
    return { text: `SELECT run.* FROM history_runs AS run${where} ORDER BY from_at DESC, id DESC LIMIT ?`, values }
  // a run may have two images that are asked for, and is given once
  const found = `SELECT DISTINCT image.from_at, image.run_id FROM history_images AS image
    JOIN history_runs AS run ON run.id = image.run_id${where} ORDER BY image.from_at DESC, image.run_id DESC LIMIT ?`
  const text = `SELECT run.* FROM (${found}) AS found JOIN history_runs AS run ON run.id = found.run_id
    ORDER BY found.from_at DESC, found.run_id DESC`
  return { text, values }
}
