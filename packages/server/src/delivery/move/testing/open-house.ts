import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiVersion, type Application, group, type Move, type TargetRef } from '@flotilla/model'
import { openTarget, type TargetOptions } from '../../delivery/testing/open-target.ts'
import { until } from '../../../testing/until.ts'

/** A line of a pod's: what it is, and the seconds since the machine started, which is the clock of all nodes here. */
interface Sign {
  readonly who: string
  readonly at: number
}

const podOf = (name: string, folder: string, script: string) => ({
  terminationGracePeriodSeconds: 2,
  volumes: [{ name: 'record', hostPath: { path: folder, type: 'DirectoryOrCreate' } }],
  containers: [
    {
      name,
      image: 'busybox:1.35',
      command: ['sh', '-c', script],
      env: ['namespace', 'name'].map((field) => ({
        name: field.toUpperCase(),
        valueFrom: { fieldRef: { fieldPath: `metadata.${field}` } },
      })),
      volumeMounts: [{ name: 'record', mountPath: '/record' }],
      resources: { requests: { cpu: '1m' } },
    },
  ],
})

const sign = 'echo "$NAME $(cut -d" " -f1 /proc/uptime)" >> /record/$NAMESPACE'
export const signsOfJob = 20

/** A worker that leaves a sign twice a second for as long as it lives, a server that leaves none, and a Job each minute where asked. */
function manifests(name: string, folder: string, scheduled: boolean): string {
  const deployment = (part: string, pod: object, annotations: object = {}): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${name}-${part}`, annotations },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: `${name}-${part}` } },
      template: { metadata: { labels: { app: `${name}-${part}` } }, spec: pod },
    },
  })
  const web = { name: 'web', image: 'busybox:1.35', command: ['sleep', '3600'], resources: { requests: { cpu: '1m' } } }
  const worker = podOf('worker', folder, `while :; do ${sign}; sleep 0.5; done`)
  const nightly = podOf('nightly', folder, `for i in $(seq ${signsOfJob}); do ${sign}; sleep 1; done`)
  const template = { spec: { ...nightly, restartPolicy: 'Never' } }
  const cronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: `${name}-nightly` },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { backoffLimit: 0, template } } },
  }
  const objects = [
    deployment('web', { terminationGracePeriodSeconds: 0, containers: [web] }),
    deployment('worker', worker, { 'flotilla.dev/consumer': 'true' }),
    ...(scheduled ? [cronJob] : []),
  ]
  return objects.map((object) => JSON.stringify(object)).join('\n---\n')
}

/** A project with applications that act by themselves, and what they left behind. */
export async function openHouse(options: TargetOptions) {
  const target = await openTarget({ ...options, podSecurity: 'privileged' })
  const key = (kind: string, name: string) => ({ group, kind, namespace: target.namespace, name })
  const house = {
    target,
    close: () => target.close(),
    writeApplication: (name: string, placement: object, scheduled = false, mode: 'direct' | 'governed' = 'direct') => {
      const inline = manifests(name, `/var/log/hooks/${target.project}-${name}`, scheduled)
      return target.writeApplication(name, { components: [{ name: 'web', manifests: { inline } }], placement, mode })
    },
    getApplication: async (name: string) => (await target.host.get(key('Application', name))) as unknown as Application,
    startMove: async (name: string, spec: Pick<Move['spec'], 'from' | 'to'> & Partial<Move['spec']>) => {
      const object = {
        apiVersion,
        kind: 'Move',
        metadata: { name: `${spec.application ?? name}-move`, namespace: target.namespace },
        spec: { application: name, author: 'test', ...spec },
      }
      await target.host.create(object)
    },
    getMove: async (name: string) => (await target.host.get(key('Move', `${name}-move`))) as unknown as Move,
    ask: (name: string, what: keyof Move['spec']['control']) => {
      const asked = { by: 'test', at: new Date().toISOString() }
      const body = { spec: { control: { [what]: asked } } }
      return target.host.patch(key('Move', `${name}-move`), { type: 'merge', body })
    },
    /** Waits until a move has come to a phase. */
    inPhase: (name: string, phase: NonNullable<Move['status']>['phase'], seconds = 120) =>
      until(
        `${name} is in ${phase}`,
        async () => {
          const move = await house.getMove(name)
          return move.status?.phase === phase ? move : undefined
        },
        seconds,
        async () => JSON.stringify((await house.getMove(name)).status),
      ),
    /** Signs of one application, by the place that they were left in, oldest first. */
    signs: async (name: string): Promise<Map<string, Sign[]>> => {
      const found = new Map<string, Sign[]>()
      for (const member of options.members ?? ['east']) {
        const of = target.fleet.clusters[member]?.name ?? ''
        const folder = join(target.fleet.dir, 'clusters', of, 'var-log', 'hooks', `${target.project}-${name}`)
        for (const namespace of await readdir(folder).catch(() => [])) {
          const text = await readFile(join(folder, namespace), 'utf8')
          const signs = text.split('\n').flatMap((line): Sign[] => {
            const [who = '', at] = line.split(' ')
            return at === undefined ? [] : [{ who, at: Number(at) }]
          })
          found.set(`${member}/${namespace}`, signs)
        }
      }
      return found
    },
    /** What of one sort of pod was seen last in a place. */
    lastSign: async (name: string, { cluster, namespace }: TargetRef, part: string): Promise<number> => {
      const signs = (await house.signs(name)).get(`${cluster}/${namespace}`) ?? []
      return Math.max(0, ...signs.filter(({ who }) => who.startsWith(`${name}-${part}`)).map(({ at }) => at))
    },
    find: (cluster: string, kind: string, name: string, namespace: string, of = 'apps') =>
      target.member(cluster).find({ group: of, kind, namespace, name }),
  }
  return house
}

export type House = Awaited<ReturnType<typeof openHouse>>

/** Stretches of time in which a place acted: each begins after all of the one before has ended. */
export function assertInTurns(signs: ReadonlyMap<string, readonly Sign[]>, turns: readonly string[]): void {
  const all = [...signs]
    .flatMap(([place, left]) => left.map(({ at }) => ({ place, at })))
    .toSorted((a, b) => a.at - b.at)
  const seen: string[] = []
  for (const { place } of all) if (seen.at(-1) !== place) seen.push(place)
  assert.deepEqual(seen, turns)
}
