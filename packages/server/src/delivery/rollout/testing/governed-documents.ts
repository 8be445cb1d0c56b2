import { apiVersion } from '@flotilla/model'

/** Of a rollout: as it should go, or with people who have to help. */
export type Sort = 'usual' | 'trouble'

/** Of one engine's application, of which everything has the name. */
export interface Governed {
  readonly name: string
  /** On the node; what runs leaves a line there for each of its runs. */
  readonly folder: string
  readonly chart: object
  /** What the analysis opens. */
  readonly page: string
}

const pod = (folder: string, command: string): object => ({
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 0,
  volumes: [{ name: 'record', hostPath: { path: folder, type: 'DirectoryOrCreate' } }],
  containers: [
    {
      name: 'main',
      image: 'busybox:1.35',
      command: ['sh', '-c', command],
      volumeMounts: [{ name: 'record', mountPath: '/record' }],
      resources: { requests: { cpu: '1m' } },
    },
  ],
})

/** JSON is YAML, too. */
const template = (object: object): string => JSON.stringify(object)

const hook = (name: string, annotations: object, folder: string, command: string): object => ({
  metadata: { name: `{{ .Release.Name }}-${name}`, annotations },
  spec: pod(folder, command),
})

/** A chart with a workload, what goes with each round, a migration and a test. */
export function chartFiles(folder: string): Record<string, string> {
  const config = (name: string) =>
    template({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { round: '{{ .Values.round }}' } })
  const migration = hook(
    'hook',
    {
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      'flotilla.dev/migration': 'true',
      'flotilla.dev/migration-database': '{{ .Release.Name }}',
    },
    folder,
    'echo {{ .Values.round }} >> /record/{{ .Release.Name }}-hook',
  )
  const { metadata, spec } = migration as { metadata: object; spec: object }
  const tested = hook(
    'test',
    { 'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'hook-succeeded' },
    folder,
    'echo {{ .Values.round }} >> /record/{{ .Release.Name }}-test',
  )
  const labels = { app: '{{ .Release.Name }}' }
  const container = {
    name: 'web',
    image: 'busybox:1.35',
    command: ['sleep', '1000000'],
    resources: { requests: { cpu: '1m' } },
  }
  return {
    'values.yaml': 'round: "0"\n',
    'templates/config.yaml': config('{{ .Release.Name }}'),
    'templates/turn.yaml': config('{{ .Release.Name }}-{{ .Values.round }}'),
    'templates/web.yaml': template({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: '{{ .Release.Name }}' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      },
    }),
    'templates/hook.yaml': template({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata,
      spec: { backoffLimit: 0, template: { spec } },
    }),
    'templates/test.yaml': template({ apiVersion: 'v1', kind: 'Pod', ...tested }),
  }
}

export const applicationSpec = (
  { name, chart }: Governed,
  round: number,
  mode: 'direct' | 'governed',
): Record<string, unknown> => ({
  mode,
  components: [{ name, helm: { chart }, values: { round: String(round) } }],
})

/** Staging with a migration before it and the chart's tests after it; then the other two, each with a Job, and a look at a page. */
export function planOf({ name, folder, page }: Governed, round: number, namespace: string): object {
  const migrate = {
    name: 'migrate',
    job: {
      migration: { database: name },
      template: { spec: pod(folder, `echo ${round} >> /record/${name}-migrate; echo migrated`) },
    },
  }
  const prepare = {
    name: 'prepare',
    during: ['Release', 'Rollback'],
    // the name of its pod says which Job it is
    job: { template: { spec: pod(folder, `echo ${round} $HOSTNAME >> /record/${name}-prepare`) } },
  }
  return {
    apiVersion,
    kind: 'Plan',
    metadata: { name: runName(name, round), namespace },
    spec: {
      stages: [
        {
          name: 'first',
          targets: { environments: ['staging'] },
          before: [migrate],
          each: { after: [{ name: 'tested', test: { helm: { component: name } } }] },
        },
        {
          name: 'rest',
          maxConcurrency: 2,
          soakSeconds: 1,
          each: { before: [prepare] },
          after: [{ name: 'opened', analysis: { http: { url: page }, intervalSeconds: 1, samples: 1 } }],
        },
      ],
    },
  }
}

/** Its migration runs until somebody deletes it, and a step of its first target until somebody goes past it. */
export function planOfTrouble({ name, folder }: Governed, round: number, namespace: string): object {
  const command = `echo ${round} >> /record/${name}-migrate; sleep 1000000`
  const migrate = { name: 'migrate', job: { migration: { database: name }, template: { spec: pod(folder, command) } } }
  const endless = { name: 'endless', job: { template: { spec: pod(folder, 'sleep 1000000') } } }
  return {
    apiVersion,
    kind: 'Plan',
    metadata: { name: runName(name, round), namespace },
    spec: {
      stages: [
        {
          name: 'first',
          targets: { environments: ['staging'] },
          before: [migrate],
          each: { after: [endless] },
        },
        { name: 'rest' },
      ],
    },
  }
}

/** Of the release and the plan of a round; its rollouts are called after it. */
export const runName = (name: string, round: number): string => `${name}-${round}`
