import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  apiVersion,
  endedPhases,
  group,
  isRecord,
  type KubeObject,
  parseInput,
  Rollout,
  type RolloutPhase,
  type RolloutStatus,
  type RolloutTarget,
  type TargetRef,
} from '@flotilla/model'
import { until } from '../../../testing/until.ts'
import { openTarget, type TargetOptions } from '../../delivery/testing/open-target.ts'
import { readField } from '../../delivery/testing/read-field.ts'
import { playReleases } from '../../release/testing/play-release.ts'

type Status = RolloutStatus & { readonly targets: readonly RolloutTarget[] }

/** A ConfigMap that tells the version, one that only this version has, and what else is given. */
export const contentOf = (name: string, version: string, ...more: readonly object[]): string =>
  [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-config` }, data: { version } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-only-${version}` } },
    ...more,
  ]
    .map((object) => JSON.stringify(object))
    .join('\n---\n')

/** A governed project on real clusters, whose releases go out by the real engine as people start them. */
export async function openRuns(options: TargetOptions = {}) {
  const target = await openTarget({ rollouts: true, podSecurity: 'privileged', ...options })
  const { host, namespace, project } = target
  const play = playReleases(target)
  const keyOf = (kind: string, name: string) => ({ group, kind, namespace, name })
  const record = `/var/log/hooks/${project}`

  const podOf = (script: string) => ({
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    volumes: [{ name: 'record', hostPath: { path: record, type: 'DirectoryOrCreate' } }],
    containers: [
      {
        name: 'main',
        image: 'busybox:1.35',
        command: ['sh', '-c', script],
        env: [{ name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
        volumeMounts: [{ name: 'record', mountPath: '/record' }],
        resources: { requests: { cpu: '1m' } },
      },
    ],
  })

  const runs = {
    target,
    play,
    /** Where pods of the project find the folder of the node, as `/record`. */
    record,
    /** A step that leaves a line on the node for each of its runs, then does as the script says. */
    job: (name: string, file: string, script = 'true', more: object = {}) => ({
      name,
      job: { template: { spec: podOf(`echo $NAMESPACE >> /record/${file}; ${script}`) }, ...more },
    }),
    /** The same as a migration. */
    migration: (name: string, file: string, script = 'true', more: object = {}) =>
      runs.job(name, file, script, { migration: { reversible: true, ...more } }),
    /** Namespaces in which something left a line, one for each run. */
    ran: async (file: string, cluster = 'east'): Promise<string[]> => {
      const folder = join(target.fleet.dir, 'clusters', target.fleet.clusters[cluster]?.name ?? '', 'var-log', 'hooks')
      const text = await readFile(join(folder, project, file), 'utf8').catch(() => '')
      return text.trim().split('\n').filter(Boolean).toSorted()
    },
    /** Writes an application that goes out by releases only, and waits until it is seen. */
    write: async (name: string, spec: Record<string, unknown>) => {
      const { metadata } = await target.writeApplication(name, { mode: 'governed', ...spec })
      await until(`the application ${name} is seen`, async () => {
        const { status } = await play.getApplication(name)
        return status?.observedGeneration === metadata.generation
      })
    },
    /** The same with inline manifests. */
    writeVersion: (name: string, version: string, spec: Record<string, unknown> = {}, ...more: readonly object[]) =>
      runs.write(name, { components: [{ name, manifests: { inline: contentOf(name, version, ...more) } }], ...spec }),
    plan: (name: string, spec: Record<string, unknown>) =>
      host.apply(
        { apiVersion, kind: 'Plan', metadata: { name, namespace }, spec },
        { fieldManager: 'alice', force: true },
      ),
    /** Releases of an application are named after it: `shop-v2`; their runs `shop-v2-1`. */
    start: (name: string, application: string, plan: string, rest: Record<string, unknown> = {}) => {
      const release = name.slice(0, name.lastIndexOf('-'))
      const spec = { application, release, plan, author: 'flotilla:user:ann', ...rest }
      return host.create(
        { apiVersion, kind: 'Rollout', metadata: { name, namespace }, spec },
        { fieldManager: 'alice' },
      )
    },
    get: async (name: string): Promise<Rollout> => parseInput(Rollout, await host.get(keyOf('Rollout', name))),
    status: async (name: string): Promise<Status> => {
      const { status } = await runs.get(name)
      return { ...status, targets: status?.targets ?? [] }
    },
    /** One of its targets, by cluster, and by namespace where it is not the project's. */
    at: async (name: string, cluster: string, place = project): Promise<RolloutTarget> => {
      const { targets } = await runs.status(name)
      const found = targets.find((one) => one.cluster === cluster && one.namespace === place)
      if (found === undefined) throw new Error(`${name} has no target ${cluster}/${place}`)
      return found
    },
    waitFor: (name: string, what: string, is: (status: Status) => boolean, seconds = 90) =>
      until(
        `${name}: ${what}`,
        async () => {
          const status = await runs.status(name)
          return is(status) ? status : undefined
        },
        seconds,
        async () => JSON.stringify(await runs.status(name)),
      ),
    /** Waits until it has ended, which has to be in this phase. */
    ended: async (name: string, phase: RolloutPhase = 'Succeeded', seconds = 90): Promise<Status> => {
      const isOver = (one: Status): boolean => one.phase !== undefined && endedPhases.includes(one.phase)
      const status = await runs.waitFor(name, 'ends', isOver, seconds)
      if (status.phase === phase) return status
      throw new Error(`${name} ended ${status.phase}, not ${phase}: ${JSON.stringify(status)}`)
    },
    /** What a person asks of it. */
    ask: (name: string, control: Record<string, unknown>) =>
      host.patch(keyOf('Rollout', name), { type: 'merge', body: { spec: { control } } }, { fieldManager: 'alice' }),
    /** Brings the first version to all targets. */
    bring: async (name: string, spec: Record<string, unknown> = {}) => {
      await runs.writeVersion(name, 'v1', spec)
      await runs.bringRelease(name, 'v1')
    },
    /** Freezes what is declared, and brings it to all targets at once. */
    bringRelease: async (name: string, version: string) => {
      await play.freeze(`${name}-${version}`, name)
      await runs.plan('at-once', { stages: [{ name: 'all', maxConcurrency: 1000 }] })
      await runs.start(`${name}-${version}-1`, name, 'at-once')
      await runs.ended(`${name}-${version}-1`)
    },
    /** Declares a version and freezes it. */
    freeze: async (name: string, version: string, spec: Record<string, unknown> = {}, ...more: readonly object[]) => {
      await runs.writeVersion(name, version, spec, ...more)
      return play.freeze(`${name}-${version}`, name)
    },
    /** An object of the members themselves, past whatever stands before their API servers. */
    find: (
      kind: string,
      name: string,
      { cluster = 'east', namespace: place = project }: Partial<TargetRef> = {},
      of = '',
    ) => target.member(cluster).find({ group: of, kind, namespace: place, name }),
    /** Which version of an application is there: what its ConfigMap says, and what else is there of which version. */
    version: async (name: string, place: Partial<TargetRef> = {}): Promise<unknown> => {
      const config = await runs.find('ConfigMap', `${name}-config`, place)
      const only = await Promise.all(
        ['v1', 'v2', 'v3'].map(async (version) =>
          (await runs.find('ConfigMap', `${name}-only-${version}`, place)) === undefined ? [] : [version],
        ),
      )
      return [readField(config, 'data', 'version'), ...only.flat()]
    },
    /** Jobs of steps that are there, with what they are of. */
    jobs: async (
      cluster = 'east',
      place = project,
    ): Promise<readonly { rollout: string; step: string; uid: string }[]> => {
      const kind = { group: 'batch', version: 'v1', kind: 'Job' }
      const { items } = await target.member(cluster).list(kind, { namespace: place, labelSelector: `${group}/step` })
      return items.map(({ metadata: { uid = '', labels, annotations } }) => ({
        rollout: annotations?.[`${group}/rollout`] ?? '',
        step: labels?.[`${group}/step`] ?? '',
        uid,
      }))
    },
    /** A pod of a step that runs. */
    runningPod: (step: string, cluster = 'east'): Promise<KubeObject> =>
      until(`a pod of ${step} runs`, async () => {
        const kind = { group: '', version: 'v1', kind: 'Pod' }
        const options = { namespace: project, labelSelector: `${group}/step=${step}` }
        const { items } = await target.member(cluster).list(kind, options)
        return items.find(({ status }) => isRecord(status) && status['phase'] === 'Running')
      }),
    /** Runs that a test left behind would go on with the next one's server. */
    close: async () => {
      const { items } = await host.list({ group, kind: 'Rollout' }, { namespace })
      for (const { metadata, status } of items) {
        const phase = isRecord(status) ? status['phase'] : undefined
        if (endedPhases.some((one) => one === phase)) continue
        await runs.ask(metadata.name, { abort: { by: 'flotilla:user:ann', reason: 'the test is over' } })
        await host.delete(keyOf('Rollout', metadata.name))
      }
      await target.close()
    },
  }
  return runs
}

export type Runs = Awaited<ReturnType<typeof openRuns>>
