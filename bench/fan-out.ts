import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { followApplication, removeApplication, writeApplication } from './support/applications.ts'
import { type BenchProject, image, openWorld, type World } from './support/open-world.ts'
import { spreadOf } from './support/statistics.ts'
import {
  asDocuments,
  configMapCount,
  configMapName,
  deploymentName,
  objectCount,
  tenObjects,
} from './support/ten-objects.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const members = ['east', 'west']
const targetsPerMember = 10
const ratioToReach = 1.3
const timeoutMs = 300_000

interface Round {
  readonly flotillaMs: number
  readonly kubectlMs: number
}

/** B1: a commit of one application to many targets until all are healthy, against as many kubectl in parallel. */
export async function runFanOut({ rounds = 5, say }: RunOptions): Promise<Outcome> {
  await using world = await openWorld({ members: Object.fromEntries(members.map((name) => [name, undefined])) })
  const project = await world.createProject(targetsPerMember)
  const plain = await createPlainTargets(world, project)
  const folder = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-'))
  const application = followApplication(world.client('hub'), project)
  const samples: Record<string, Round[]> = {}
  try {
    for (const replicas of [0, 1]) {
      const measured: Round[] = []
      const sides = {
        flotilla: (value: string) => commitWithFlotilla(world, { project, application, value, replicas }),
        kubectl: (value: string) => commitWithKubectl(world, { project: plain, folder, value, replicas }),
      }
      // not counted: the first delivery creates everything, and warms both sides
      for (const side of ['flotilla', 'kubectl'] as const) await sides[side](`warm-${replicas}`)
      for (let round = 0; round < rounds; round++) {
        const value = `${replicas}-${round}`
        const order = round % 2 === 0 ? (['flotilla', 'kubectl'] as const) : (['kubectl', 'flotilla'] as const)
        const took = { flotilla: 0, kubectl: 0 }
        for (const side of order) took[side] = await sides[side](value)
        measured.push({ flotillaMs: took.flotilla, kubectlMs: took.kubectl })
        say(`${replicas} pods, round ${round + 1}: flotilla ${took.flotilla} ms, kubectl ${took.kubectl} ms`)
      }
      samples[replicas === 0 ? 'withoutPods' : 'withPods'] = measured
    }
    await removeApplication(world.client('hub'), project)
  } finally {
    application.close()
    await rm(folder, { recursive: true, force: true })
    await removePlainTargets(world, plain)
  }
  const { withoutPods = [], withPods = [] } = samples
  return {
    title: `one application of ${objectCount} objects to ${project.targets.length} targets, commit to all healthy`,
    conditions: [
      `${project.targets.length} targets are ${targetsPerMember} namespaces on each of ${members.length} clusters: there are no more API servers on this machine, so targets of one cluster share its API server. The same for both sides.`,
      'kubectl: as many `kubectl apply -f`, each followed by `kubectl rollout status`, as there are targets, all at once.',
      `A commit changes ${configMapCount} ConfigMaps and the pod template. Without pods the Deployment has 0 replicas: what is left is the delivery itself. With pods each target replaces its pod.`,
      'Flotilla also tries every change by a dry-run first, keeps an inventory, and corrects drift; kubectl does not.',
    ],
    checked: 'after every commit each ConfigMap of each target held the new value.',
    versions: world.versions,
    figures: [...figuresOf('without pods', withoutPods), ...figuresOf('with pods', withPods)],
    samples,
  }
}

function figuresOf(name: string, rounds: readonly Round[]): Outcome['figures'] {
  const ratio = spreadOf(rounds.map(({ flotillaMs, kubectlMs }) => flotillaMs / kubectlMs))
  return [
    {
      what: `Flotilla / kubectl, ${name}`,
      unit: 'x',
      value: ratio,
      toReach: `<= ${ratioToReach}x`,
      reached: ratio.median <= ratioToReach,
    },
    { what: `Flotilla, ${name}`, unit: 'ms', value: spreadOf(rounds.map(({ flotillaMs }) => flotillaMs)) },
    { what: `kubectl, ${name}`, unit: 'ms', value: spreadOf(rounds.map(({ kubectlMs }) => kubectlMs)) },
  ]
}

interface FlotillaCommit {
  readonly project: BenchProject
  readonly application: ReturnType<typeof followApplication>
  readonly value: string
  readonly replicas: number
}

async function commitWithFlotilla(world: World, { project, application, value, replicas }: FlotillaCommit) {
  const objects = tenObjects({ value, replicas, image })
  const began = performance.now()
  await writeApplication(world.client('hub'), project, objects)
  await application.untilHealthy(timeoutMs)
  const took = Math.round(performance.now() - began)
  await checkTargets(world, project.targets, value)
  return took
}

interface KubectlCommit {
  readonly project: readonly Target[]
  readonly folder: string
  readonly value: string
  readonly replicas: number
}

async function commitWithKubectl(world: World, { project, folder, value, replicas }: KubectlCommit) {
  const file = path.join(folder, 'objects.yaml')
  await writeFile(file, asDocuments(tenObjects({ value, replicas, image })))
  const began = performance.now()
  await Promise.all(
    project.map(async ({ cluster, namespace }) => {
      await must(world, cluster, '-n', namespace, 'apply', '-f', file)
      await must(world, cluster, '-n', namespace, 'rollout', 'status', `deployment/${deploymentName}`)
    }),
  )
  const took = Math.round(performance.now() - began)
  await checkTargets(world, project, value)
  return took
}

type Target = BenchProject['targets'][number]

async function checkTargets(world: World, targets: readonly Target[], value: string): Promise<void> {
  for (const { cluster, namespace } of targets) {
    const list = await world.client(cluster).list({ group: '', kind: 'ConfigMap' }, { namespace })
    const values = new Map(list.items.map((one) => [one.metadata.name, (one['data'] as { value?: string })?.value]))
    for (let at = 0; at < configMapCount; at++) {
      assert.equal(values.get(configMapName(at)), value, `${configMapName(at)} in ${cluster}/${namespace}`)
    }
  }
}

async function createPlainTargets(world: World, project: BenchProject): Promise<Target[]> {
  const targets = project.targets.map(({ cluster, namespace }) => ({ cluster, namespace: `plain-${namespace}` }))
  for (const { cluster, namespace } of targets) await must(world, cluster, 'create', 'namespace', namespace)
  return targets
}

async function removePlainTargets(world: World, targets: readonly Target[]): Promise<void> {
  for (const { cluster, namespace } of targets)
    await world.kubectl(cluster, 'delete', 'namespace', namespace, '--wait=false')
}

async function must(world: World, cluster: string, ...args: string[]): Promise<void> {
  const { code, output } = await world.kubectl(cluster, ...args)
  assert.equal(code, 0, output)
}
