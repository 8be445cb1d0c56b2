import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { ensurePart } from '@flotilla/local'
import { runProgram } from '../../../e2e/support/run-program.ts'
import { eachAtOnce } from '../at-once.ts'
import { readEndedCpuSeconds } from '../process-trees.ts'
import { createNamespace, removeNamespace } from './plain-namespace.ts'
import { image } from '../open-world.ts'
import { openGitOrigin, pathOf } from './git-origin.ts'
import type { Side, SideQuestion } from './side.ts'

/** `helm upgrade --install` of each application from the work tree, so many at once. */
export async function openHelmSide({ fleet, hub, origin, run }: SideQuestion, atOnce: number): Promise<Side> {
  const helm = await ensurePart('helm')
  const kubeconfig = fleet.clusters['hub']?.kubeconfigPath ?? ''
  const namespace = `helm-${run}`
  const running = new Set<ChildProcess>()
  let runs = 0
  await createNamespace(hub, namespace)

  const upgrade = async (name: string): Promise<void> => {
    const chart = path.join(origin.folder, pathOf(name))
    const args = ['upgrade', '--install', name, chart, '--namespace', namespace, '--kubeconfig', kubeconfig]
    runs++
    const child = spawn(helm, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    running.add(child)
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    running.delete(child)
    if (code !== 0) throw new Error(`helm ended with ${code}: ${said.slice(-1000)}`)
  }
  return {
    namespace,
    processes: () => [...running].flatMap(({ pid }) => pid ?? []),
    readCpuSeconds: readEndedCpuSeconds,
    install: (names) => eachAtOnce(names, atOnce, upgrade),
    deliver: (names) => eachAtOnce(names, atOnce, upgrade),
    countRenders: () => Promise.resolve(runs),
    [Symbol.asyncDispose]: () => removeNamespace(hub, namespace),
  }
}

export interface Parallelism {
  readonly atOnce: number
  readonly ms: number
}

/** How long an install and an upgrade of a few applications take with so many at once; the best first. */
export async function measureParallelism(
  question: Omit<SideQuestion, 'origin'>,
  names: readonly string[],
): Promise<Parallelism[]> {
  const tried: Parallelism[] = []
  for (const atOnce of [2, 4, 8]) {
    await using origin = await openGitOrigin(names, image)
    await using side = await openHelmSide({ ...question, origin }, atOnce)
    const first = await origin.commit(names, '1')
    const began = performance.now()
    await side.install(names, first)
    await side.deliver(names, await origin.commit(names, '2'))
    tried.push({ atOnce, ms: Math.round(performance.now() - began) })
  }
  return tried.toSorted((a, b) => a.ms - b.ms)
}

export async function readHelmVersion(): Promise<string> {
  const { output } = await runProgram(await ensurePart('helm'), ['version', '--template', '{{ .Version }}'])
  return output.trim()
}
