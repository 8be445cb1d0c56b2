import path from 'node:path'
import type { KubeClient } from '@flotilla/kube'
import type { Fleet } from '@flotilla/local'
import type { KubeObject } from '@flotilla/model'
import { eachAtOnce } from '../at-once.ts'
import { readTreeUse } from '../process-trees.ts'
import { runProgram } from '../../../e2e/support/run-program.ts'
import { until } from '../../../e2e/support/prepare-project.ts'
import { argoNamespace, type ArgoProgram, startArgo } from './argo-processes.ts'
import { followObjects } from './follow-objects.ts'
import { pathOf } from './git-origin.ts'
import { createNamespace, removeNamespace } from './plain-namespace.ts'
import { longestPhaseMs, type Side, type SideQuestion, writesAtOnce } from './side.ts'

const kind = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' }
const apiVersion = 'argoproj.io/v1alpha1'
const refresh = 'argocd.argoproj.io/refresh'
const options = { fieldManager: 'bench', force: true }

interface Status {
  readonly sync?: { readonly status: string; readonly revision?: string }
  readonly health?: { readonly status?: string }
  readonly operationState?: { readonly phase: string }
}

/** One Application per folder, synced automatically. */
export async function openArgoSide({ fleet, hub, origin, run }: SideQuestion, program: ArgoProgram): Promise<Side> {
  const namespace = `argo-${run}`
  await using opened = new AsyncDisposableStack()
  opened.defer(() => removeKinds(hub))
  await installKinds({ fleet, hub }, program)
  for (const one of [argoNamespace, namespace]) {
    await createNamespace(hub, one)
    opened.defer(() => removeNamespace(hub, one))
  }
  await configure({ fleet, hub }, program)
  const processes = opened.use(await startArgo(program, fleet))
  const followed = await followObjects(hub, kind, argoNamespace)
  opened.defer(() => followed.close())
  const isDelivered = (object: KubeObject, commit: string): boolean => {
    const { sync, health, operationState } = (object['status'] ?? {}) as Status
    const settled = sync?.status === 'Synced' && health?.status === 'Healthy' && operationState?.phase === 'Succeeded'
    return settled && sync.revision === commit && object.metadata.annotations?.[refresh] === undefined
  }
  const undo = opened.move()
  return {
    namespace,
    processes: () => processes.pids,
    readCpuSeconds: async () => (await readTreeUse(processes.pids)).cpuSeconds,
    async install(names, commit) {
      const done = followed.until(names, (object) => isDelivered(object, commit), longestPhaseMs)
      await Promise.all([done, eachAtOnce(names, writesAtOnce, (name) => hub.apply(applicationOf(name), options))])
    },
    async deliver(names, commit) {
      const body = { metadata: { annotations: { [refresh]: 'normal' } } }
      const ask = (name: string) => hub.patch({ ...kind, namespace: argoNamespace, name }, { type: 'merge', body })
      const done = followed.until(names, (object) => isDelivered(object, commit), longestPhaseMs)
      await Promise.all([done, eachAtOnce(names, writesAtOnce, ask)])
    },
    countRenders: () => processes.countGenerated(),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }

  function applicationOf(name: string): KubeObject {
    return {
      apiVersion,
      kind: 'Application',
      metadata: {
        name,
        namespace: argoNamespace,
        // a commit elsewhere in the repository is none of it
        annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' },
      },
      spec: {
        project: 'default',
        source: { repoURL: origin.url, targetRevision: 'main', path: pathOf(name), helm: { releaseName: name } },
        destination: { server: 'https://kubernetes.default.svc', namespace },
        syncPolicy: { automated: { selfHeal: false, prune: false } },
      },
    }
  }
}

const plurals = ['applications', 'applicationsets', 'appprojects'] as const
const definition = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' }

type Where = Pick<SideQuestion, 'fleet' | 'hub'>

async function installKinds({ fleet, hub }: Where, { source }: ArgoProgram): Promise<void> {
  for (const plural of plurals)
    await applyFile(fleet, path.join(source, 'manifests/crds', `${plural.slice(0, -1)}-crd.yaml`))
  await until(async () => {
    const found = await Promise.all(plurals.map((plural) => hub.get({ ...definition, name: `${plural}.argoproj.io` })))
    return found.every(isEstablished)
  })
}

function isEstablished(object: KubeObject): boolean {
  const { conditions = [] } = (object['status'] ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True')
}

async function removeKinds(hub: KubeClient): Promise<void> {
  for (const plural of plurals) await hub.delete({ ...definition, name: `${plural}.argoproj.io` })
}

/** As its release configures it, with the one project that all are in. */
async function configure({ fleet, hub }: Where, { source }: ArgoProgram): Promise<void> {
  const namespace = argoNamespace
  for (const name of ['argocd-cm', 'argocd-rbac-cm', 'argocd-cmd-params-cm', 'argocd-secret'])
    await applyFile(fleet, path.join(source, 'manifests/base/config', `${name}.yaml`))
  const secret = { metadata: { name: 'argocd-secret', namespace }, stringData: { 'server.secretkey': 'bench' } }
  await hub.apply({ apiVersion: 'v1', kind: 'Secret', ...secret }, options)
  const anything = { group: '*', kind: '*' }
  const spec = {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [anything],
  }
  await hub.apply({ apiVersion, kind: 'AppProject', metadata: { name: 'default', namespace }, spec }, options)
}

async function applyFile(fleet: Fleet, file: string): Promise<void> {
  const kubeconfig = ['--kubeconfig', fleet.clusters['hub']?.kubeconfigPath ?? '', '--namespace', argoNamespace]
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', file]
  const { code, output } = await runProgram(path.join(fleet.dir, 'bin/kubectl'), [...kubeconfig, ...apply])
  if (code !== 0) throw new Error(`${file} cannot be applied: ${output}`)
}
