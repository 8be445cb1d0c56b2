import { hash } from 'node:crypto'
import type { AdoptAnswer } from '@flotilla/api'
import type { KubeClient } from '@flotilla/kube'
import {
  type ChartSource,
  computeTargets,
  FlotillaError,
  type KubeObject,
  personManager,
  projectNamespace,
} from '@flotilla/model'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'
import { uploadKey } from '../../application/source-store.ts'
import { updateUnlessChanged } from '../../update-unless-changed.ts'
import type { AdoptDeps, AdoptQuestion, Taken } from './adopt-deps.ts'
import { splitSecretValues } from './chart-of-release.ts'
import { checkNoRestart } from './check-no-restart.ts'
import { adoptionNotes, composeApplication, documentOf, withSecret, withValues } from './compose-application.ts'
import { readObjects } from './manifests-of-objects.ts'
import { type FoundRelease, readRelease } from './read-release.ts'

/**
 * Takes over what runs already: writes the Application that stands for it, after a dry-run has shown that no pod would
 * be restarted. Everything is read and written as the person.
 */
export async function adopt(deps: AdoptDeps, question: AdoptQuestion): Promise<AdoptAnswer> {
  const { project, request, by, signal } = question
  const { cluster } = request
  const namespace = targetNamespace(deps, question)
  const member = deps.fleet.client(cluster)
  if (!member.known) throw new FlotillaError('cluster.unreachable', { message: member.reason })
  const client = member.value.as(by)
  const taken =
    request.helmRelease === undefined
      ? await takeObjects(client, question, namespace)
      : await takeRelease(deps, client, question, namespace)
  const application = await composeApplication(deps, question, taken)
  const secretName = `${request.application}-${taken.component.name}-values`
  const hasSecrets = Object.keys(taken.secretValues).length > 0
  // the dry-run sees all values; what is written names the Secret that has the hidden ones
  const notes = await checkNoRestart(deps, {
    application: withValues(application, taken),
    project,
    cluster,
    by,
    signal,
  })
  const written = hasSecrets ? withSecret(application, taken, secretName) : application
  const answer: AdoptAnswer = {
    application: request.application,
    component: taken.component.name,
    cluster,
    objects: [...taken.refs],
    document: stringify(documentOf(written), asEverybodyReads),
    written: false,
    notes: [
      ...taken.notes,
      ...(hasSecrets ? [`values that look secret go into the Secret ${secretName}`] : []),
      ...notes,
    ],
  }
  if (request.dryRun) return answer
  const host = deps.fleet.host.as(by)
  if (hasSecrets)
    await writeSecret(host, projectNamespace(project.metadata.name), secretName, taken.secretValues, signal)
  const object = documentOf(written)
  if (application.metadata.resourceVersion === undefined)
    await host.create(object, { fieldManager: personManager, signal })
  else {
    const { generation = 0 } = application.metadata
    // of what was read before the dry-run nothing is put over what others noted since
    const own = adoptionNotes(cluster, by)
    const change = (live: KubeObject): KubeObject => ({
      ...live,
      metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...own } },
      spec: object['spec'],
    })
    const before = { ...object, metadata: { ...object.metadata, generation } }
    await updateUnlessChanged(host, before, change, signal)
  }
  return { ...answer, written: true }
}

function targetNamespace({ fleet }: AdoptDeps, { project, request }: AdoptQuestion): string {
  const targets = computeTargets(project, fleet.list()).filter(({ cluster }) => cluster === request.cluster)
  const target = targets.find(({ namespace }) => request.namespace === undefined || namespace === request.namespace)
  if (target !== undefined) return target.namespace
  throw new FlotillaError('request.not_found', {
    message: `Project ${project.metadata.name} has no such target in the cluster ${request.cluster}`,
    field: request.namespace === undefined ? 'cluster' : 'namespace',
    value: request.namespace ?? request.cluster,
    remedy: 'Add the namespace of that cluster to the targets of the project',
  })
}

async function takeRelease(
  deps: AdoptDeps,
  client: KubeClient,
  { request, signal }: AdoptQuestion,
  namespace: string,
): Promise<Taken> {
  const releaseName = request.helmRelease ?? ''
  const found = await readRelease(client, namespace, releaseName, request.chart === undefined, signal)
  const chart = request.chart ?? (await keepChart(deps, found))
  const { shown, hidden } = splitSecretValues(found.values)
  const name = request.component ?? releaseName
  return {
    component: {
      name,
      helm: { chart, releaseName },
      ...(Object.keys(shown).length === 0 ? {} : { values: shown }),
    },
    secretValues: hidden,
    refs: found.refs,
    notes: [`revision ${found.revision} of the release ${releaseName} is taken over; the next one is Flotilla's`],
  }
}

/** The chart as the record has it, kept as an upload; when it is only looked at, upkeep takes it away after a day. */
async function keepChart({ blobs }: AdoptDeps, { chart, chartName: name }: FoundRelease): Promise<ChartSource> {
  if (chart === undefined) throw new Error('the chart of the release was not asked for')
  const digest = `sha256:${hash('sha256', chart, 'hex')}`
  await blobs.put(uploadKey(digest), chart)
  return { upload: { digest, name } }
}

async function takeObjects(client: KubeClient, { request, signal }: AdoptQuestion, namespace: string): Promise<Taken> {
  const { refs, inline } = await readObjects(client, namespace, request.objects ?? [], signal)
  const name = request.component ?? request.application
  return { component: { name, manifests: { inline } }, refs, secretValues: {}, notes: [] }
}

async function writeSecret(
  host: KubeClient,
  namespace: string,
  name: string,
  values: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: { 'values.yaml': stringify(values, asEverybodyReads) },
  }
  await host.apply(object, { fieldManager: personManager, force: true, signal })
}
