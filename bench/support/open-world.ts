import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { buildImage, ensurePart, type Fleet, openTestFleet } from '@flotilla/local'
import { cliOf } from '../../e2e/support/flotilla-cli.ts'
import { until } from '../../e2e/support/prepare-project.ts'
import { type Ran, runProgram } from '../../e2e/support/run-program.ts'
import { type RunningFlotilla, startFlotilla } from '../../e2e/support/start-flotilla.ts'
import { connectionOf } from '../../packages/kube/src/testing/connection-of.ts'

export const image = 'bench/pause:1'

export interface WorldOptions {
  /** Names of members, and the kubeconfig to join each with where it is not the fleet's own. */
  readonly members: Readonly<Record<string, string | undefined>>
  readonly allowHosts?: readonly string[]
  /** More of the server's options. */
  readonly options?: readonly string[]
  readonly logLevel?: 'debug' | 'info'
}

/** The real server on the real test fleet, with members joined: what every benchmark measures. */
export interface World extends AsyncDisposable {
  readonly fleet: Fleet
  readonly server: RunningFlotilla
  /** Suffix of all names that this run makes. */
  readonly run: string
  readonly versions: Readonly<Record<string, string>>
  /** With administrator rights, past Flotilla. */
  client(cluster: string): KubeClient
  kubectl(cluster: string, ...args: string[]): Promise<Ran>
  /** A project with this many namespaces in each member. */
  createProject(targetsPerMember: number): Promise<BenchProject>
}

export interface BenchProject {
  readonly name: string
  /** Where its Applications live in the hub. */
  readonly namespace: string
  readonly targets: readonly { readonly cluster: string; readonly namespace: string }[]
}

export async function openWorld({ members, ...serverOptions }: WorldOptions): Promise<World> {
  const fleet = await openTestFleet()
  const pause = await readFile(await ensurePart('pause'))
  await fleet.registry.pushImage(
    image,
    buildImage([{ path: '/pause', content: pause, mode: 0o755 }], { entrypoint: ['/pause'] }),
  )
  const server = await startFlotilla({ fleet, ...serverOptions })
  const flotilla = await cliOf(server)
  const run = randomBytes(3).toString('hex')
  const clients = new Map<string, KubeClient>()
  const undo: (() => Promise<unknown>)[] = []

  const client = (cluster: string): KubeClient => {
    const known = clients.get(cluster)
    if (known !== undefined) return known
    const connection = connectionOf(kubeconfigOf(fleet, cluster).kubeconfig)
    const made = createKubeClient({ name: cluster, connection, userAgent: 'flotilla-bench' })
    clients.set(cluster, made)
    return made
  }
  const close = async (): Promise<void> => {
    try {
      for (const step of undo.toReversed()) await step()
    } finally {
      await Promise.all([...clients.values()].map((one) => one.close()))
      await server.stop()
    }
  }
  try {
    for (const [name, kubeconfig] of Object.entries(members)) {
      const remove = (): Promise<Ran> => flotilla('cluster', 'remove', name, '--objects', 'delete')
      const file = kubeconfig ?? kubeconfigOf(fleet, name).kubeconfigPath
      await until(async () => {
        const { code, output } = await flotilla('cluster', 'add', name, '--kubeconfig', file)
        if (code === 0) return true
        // what a run that was killed left there
        if (output.includes('request.conflict')) await remove()
        throw new Error(output)
      })
      undo.push(remove)
    }
    const { gitVersion } = await client('hub').serverVersion()
    return {
      fleet,
      server,
      run,
      versions: { Kubernetes: gitVersion },
      client,
      kubectl: (cluster, ...args) =>
        runProgram(path.join(fleet.dir, 'bin/kubectl'), [
          '--kubeconfig',
          fleet.kubeconfigPath,
          '--context',
          cluster,
          ...args,
        ]),
      createProject: (targetsPerMember) =>
        createProject({ hub: client('hub'), run, members: Object.keys(members), targetsPerMember, undo }),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function kubeconfigOf(fleet: Fleet, name: string): Fleet['clusters'][string] & {} {
  const cluster = fleet.clusters[name]
  if (cluster === undefined) throw new Error(`the fleet has no cluster ${name}`)
  return cluster
}

const apiVersion = 'flotilla.dev/v1alpha1'
const kindOf = (kind: string) => ({ group: 'flotilla.dev', version: 'v1alpha1', kind })

interface ProjectQuestion {
  readonly hub: KubeClient
  readonly run: string
  readonly members: readonly string[]
  readonly targetsPerMember: number
  readonly undo: (() => Promise<unknown>)[]
}

async function createProject({ hub, run, members, targetsPerMember, undo }: ProjectQuestion): Promise<BenchProject> {
  const name = `bench-${run}`
  const namespaces = Array.from({ length: targetsPerMember }, (_, at) => `${name}-${at}`)
  const gone = (kind: string, namespace: string | undefined) => async (): Promise<void> => {
    const key = { ...kindOf(kind), namespace, name }
    await hub.delete(key)
    await until(async () => (await hub.find(key)) === undefined)
  }
  await hub.create({ apiVersion, kind: 'Workspace', metadata: { name }, spec: {} })
  undo.push(gone('Workspace', undefined))
  const namespace = `ws-${name}`
  await until(async () => (await hub.find({ group: '', kind: 'Namespace', name: namespace })) !== undefined)
  const targets = namespaces.map((one) => ({ clusters: { names: members }, namespace: one }))
  await until(async () => {
    await hub.create({ apiVersion, kind: 'Project', metadata: { name, namespace }, spec: { targets } })
    return true
  })
  undo.push(gone('Project', namespace))
  await until(async () => {
    const project = await hub.get({ ...kindOf('Project'), namespace, name })
    const { targets: seen = [] } = (project['status'] ?? {}) as { targets?: { state: string }[] }
    return seen.length === members.length * namespaces.length && seen.every(({ state }) => state === 'Ready')
  })
  return {
    name,
    namespace: `pj-${name}`,
    targets: members.flatMap((cluster) => namespaces.map((one) => ({ cluster, namespace: one }))),
  }
}
