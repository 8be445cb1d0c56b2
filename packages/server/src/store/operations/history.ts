import type { RunComponent, RunQuestion, RunRecord, RunsFound, RunsRecorded, RunTarget } from '../history-store.ts'
import { namesOfImage } from '../image-names.ts'
import { type PageCursor, writeCursor } from '../page-cursor.ts'
import { statementOf } from './history-question.ts'
import { all, apart, one, type Row, run, turn, type Work } from './work.ts'

const ofTarget = 'project_uid = ? AND application = ? AND cluster = ? AND namespace = ?'

/** As they are kept and compared: sorted, each once. */
const imagesOf = ({ images }: RunComponent): string => JSON.stringify([...new Set(images)].sort())

/** Whether what runs is still the same; who rolled it out again, and who approved that, is not asked. */
const sameRun = (row: Row, target: RunTarget, wanted: RunComponent): boolean =>
  row['delivery_uid'] === target.deliveryUid &&
  row['digest'] === wanted.digest &&
  row['version'] === (wanted.version ?? null) &&
  row['release'] === (wanted.release ?? null) &&
  row['images'] === imagesOf(wanted)

function* open(target: RunTarget, component: RunComponent, at: number): Work<void> {
  const images = imagesOf(component)
  const row = yield* one(
    `INSERT INTO history_runs (delivery_uid, project_uid, project, workspace, application, cluster, namespace, environment,
       component, version, digest, images, release, rollout, approved_by, author, from_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    target.deliveryUid,
    target.projectUid,
    target.project,
    target.workspace ?? null,
    target.application,
    target.cluster,
    target.namespace,
    target.environment ?? null,
    component.component,
    component.version ?? null,
    component.digest,
    images,
    component.release ?? null,
    component.rollout ?? null,
    JSON.stringify(component.approvedBy),
    component.author ?? null,
    at,
  )
  for (const [number, image] of textsOf(images).entries()) {
    const { repository, tagged, digest } = namesOfImage(image)
    const text = 'INSERT INTO history_images VALUES (?, ?, ?, ?, ?, ?, NULL)'
    yield* run(text, Number(row?.['id']), number, repository, tagged, digest, at)
  }
}

/** What ran where when. */
export const historyOperations = {
  'history.record': turn(function* (
    target: RunTarget,
    components: readonly RunComponent[],
    when: string,
  ): Work<RunsRecorded> {
    const place = [target.projectUid, target.application, target.cluster, target.namespace] as const
    const wanted = new Map(components.map((component) => [component.component, component]))
    const runs = yield* all(`SELECT * FROM history_runs WHERE ${ofTarget} AND until_at IS NULL`, ...place)
    const stays = new Set<string>()
    const goes: number[] = []
    for (const row of runs) {
      const component = wanted.get(String(row['component']))
      if (component !== undefined && sameRun(row, target, component)) stays.add(component.component)
      else goes.push(Number(row['id']))
    }
    const comes = [...wanted.values()].filter(({ component }) => !stays.has(component))
    if (goes.length === 0 && comes.length === 0) return { changed: false }

    const at = Date.parse(when)
    const text = `SELECT max(from_at) AS began, max(until_at) AS ended FROM history_runs WHERE ${ofTarget}`
    const last = yield* one(text, ...place)
    // of a server that stood still, and does not know what another wrote since
    const newest = Math.max(Number(last?.['began'] ?? 0), Number(last?.['ended'] ?? 0))
    if (at < newest) return { changed: false, late: timeOf(newest) }
    for (const id of goes) {
      yield* run('UPDATE history_runs SET until_at = ? WHERE id = ?', at, id)
      yield* run('UPDATE history_images SET until_at = ? WHERE run_id = ?', at, id)
    }
    for (const component of comes) yield* open(target, component, at)
    return { changed: true }
  }),
  'history.find': apart(function* (
    question: RunQuestion,
    before: PageCursor | undefined,
    limit: number,
  ): Work<RunsFound> {
    const { text, values } = statementOf(question, before, limit + 1)
    const rows = yield* all(text, ...values)
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    if (rows.length <= limit || last === undefined) return { items: items.map(read) }
    return { items: items.map(read), next: writeCursor({ at: Number(last['from_at']), ties: [String(last['id'])] }) }
  }),
}

const textsOf = (json: unknown): string[] => JSON.parse(String(json)) as string[]
const timeOf = (value: unknown): string => new Date(Number(value)).toISOString()

function read(row: Row): RunRecord {
  const optional = (name: string): Record<string, string> => {
    const value = row[name]
    return typeof value === 'string' ? { [name]: value } : {}
  }
  return {
    deliveryUid: String(row['delivery_uid']),
    projectUid: String(row['project_uid']),
    project: String(row['project']),
    ...optional('workspace'),
    application: String(row['application']),
    cluster: String(row['cluster']),
    namespace: String(row['namespace']),
    ...optional('environment'),
    component: String(row['component']),
    ...optional('version'),
    digest: String(row['digest']),
    images: textsOf(row['images']),
    ...optional('release'),
    ...optional('rollout'),
    approvedBy: textsOf(row['approved_by']),
    ...optional('author'),
    from: timeOf(row['from_at']),
    ...(row['until_at'] === null ? {} : { until: timeOf(row['until_at']) }),
  }
}
