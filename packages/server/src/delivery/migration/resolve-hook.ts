import type { RouteBody, RouteResult } from '@flotilla/api'
import type { Clock, Identity, KubeClient } from '@flotilla/kube'
import { type Application, asFlotillaError, FlotillaError, isRecord, type Known, type Project } from '@flotilla/model'
import type { MigrationLedger, MigrationRecord } from '../../store/migration-ledger.ts'

export interface ResolveHookDeps {
  readonly ledger: Pick<MigrationLedger, 'list' | 'resolve'>
  readonly fleet: { client(cluster: string): Known<KubeClient> }
  readonly clock: Pick<Clock, 'now'>
}

export interface ResolveHookQuestion {
  readonly application: Application
  readonly project: Project
  readonly request: RouteBody<'applications.resolveHook'>
  readonly by: Identity
}

/** So many of an application are looked through, the newest. */
const mostRecords = 500
const askMs = 5_000

/**
 * A person says how a hook that migrates ended, where nobody could tell. The ledger has it from then on: a succeeded one never runs
 * again, a failed one with the next delivery. Errors: `request.not_found` where none waits for a word, `input.invalid` where several
 * do, `request.conflict` while it runs.
 */
export async function resolveHook(
  { ledger, fleet, clock }: ResolveHookDeps,
  { application, project, request, by }: ResolveHookQuestion,
): Promise<RouteResult<'applications.resolveHook'>> {
  const { name } = application.metadata
  const records = await ledger.list(project.metadata.uid ?? '', { application: name, limit: mostRecords })
  const open = records.filter((record) => record.state === 'Uncertain' && isOfHook(record))
  const meant = open.filter((record) => isMeant(record, request, project.metadata.name))
  const [only, another] = meant
  if (only === undefined)
    throw new FlotillaError('request.not_found', {
      message: `No hook of ${name} waits for somebody to say how it ended${open.length === 0 ? '' : `, but ${listOf(open)} do`}`,
      field: 'hook',
      value: request.hook,
      remedy: 'A step of a plan is resolved with its rollout: flotilla rollout resolve',
    })
  if (another !== undefined)
    throw new FlotillaError('input.invalid', {
      message: `Several hooks of ${name} wait for somebody to say how they ended: ${listOf(meant)}`,
      field: 'hook',
      value: request.hook,
      remedy: 'Name the hook and its target',
    })
  const client = fleet.client(only.job.cluster)
  if (client.known && (await isRunning(client.value, only)))
    throw new FlotillaError('request.conflict', {
      message: `${only.name} still runs in ${placeOf(only)}`,
      remedy: `Wait until it has ended, or delete it there: kubectl delete job ${only.job.name} -n ${only.job.namespace}`,
    })
  const at = new Date(clock.now()).toISOString()
  const { outcome, reason } = request
  if (!(await ledger.resolve(only, { outcome, by: by.user, reason, at })))
    throw new FlotillaError('request.conflict', { message: `Somebody else said how ${only.name} ended just now` })
  const { cluster, namespace } = only.job
  return { project: project.metadata.name, application: name, hook: only.name, cluster, namespace, outcome }
}

/** Held by `<delivery uid>/<component>@<digest>/<event>/...`; a step's has no `@` there. */
const isOfHook = ({ holder }: MigrationRecord): boolean => /^[^/]*\/[^/]*@/.test(holder)

const isMeant = (
  { name, job }: MigrationRecord,
  { hook, cluster, namespace }: ResolveHookQuestion['request'],
  project: string,
) =>
  (hook === undefined || name === hook) &&
  (cluster === undefined || (job.cluster === cluster && job.namespace === (namespace ?? project)))

const placeOf = ({ job }: MigrationRecord): string => `${job.cluster}/${job.namespace}`
const listOf = (records: readonly MigrationRecord[]): string =>
  records
    .slice(0, 5)
    .map((record) => `${record.name} in ${placeOf(record)}`)
    .join(', ')

/** Whether its Job is at work. A cluster that does not answer holds nobody up: the person knows more than that. */
async function isRunning(client: KubeClient, { job: { namespace, name } }: MigrationRecord): Promise<boolean> {
  try {
    const key = { group: 'batch', version: 'v1', kind: 'Job', namespace, name }
    const found = await client.find(key, { signal: AbortSignal.timeout(askMs) })
    const status = found?.['status']
    return isRecord(status) && Number(status['active'] ?? 0) > 0
  } catch (thrown) {
    const error = asFlotillaError(thrown)
    if (error.code === 'internal') throw error
    return false
  }
}
