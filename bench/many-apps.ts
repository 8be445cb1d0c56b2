import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createKubeClient } from '@flotilla/kube'
import { openTestFleet } from '@flotilla/local'
import { connectionOf } from '../packages/kube/src/testing/connection-of.ts'
import { type ArgoProgram, argoSettings } from './support/many-apps/argo-processes.ts'
import { openArgoSide } from './support/many-apps/argo-side.ts'
import { objectsPerApp } from './support/many-apps/app-charts.ts'
import { describeArgo } from './support/many-apps/describe-argo.ts'
import { figuresOf, type Round } from './support/many-apps/figures.ts'
import { openFlotillaSide } from './support/many-apps/flotilla-side.ts'
import { openGitOrigin } from './support/many-apps/git-origin.ts'
import { measureParallelism, openHelmSide, readHelmVersion } from './support/many-apps/helm-side.ts'
import type { Side, SideName, SideQuestion } from './support/many-apps/side.ts'
import { phaseNames, takeTurn, type Turn, warmNames } from './support/many-apps/take-turn.ts'
import { image } from './support/open-world.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const usualApps = 100
/** Enough to tell which parallelism is the best. */
const appsToTry = 24

/** B2: many applications in one cluster: all installed, all upgraded, and a commit that touches one. */
export async function runManyApps({ rounds = 5, apps = usualApps, argo, signal, say }: RunOptions): Promise<Outcome> {
  const fleet = await openTestFleet()
  const connection = connectionOf(fleet.clusters['hub']?.kubeconfig)
  const hub = createKubeClient({ name: 'hub', connection, userAgent: 'flotilla-bench' })
  const names = Array.from({ length: apps }, (_, at) => `app-${String(at).padStart(4, '0')}`)
  try {
    const { gitVersion } = await hub.serverVersion()
    const run = (): string => randomBytes(3).toString('hex')
    const parallelism = await measureParallelism({ fleet, hub, run: run() }, names.slice(0, appsToTry))
    const atOnce = parallelism[0]?.atOnce ?? 1
    say(`helm: ${parallelism.map((one) => `${one.atOnce} at once ${one.ms} ms`).join(', ')}`)
    const sides: Partial<Record<SideName, (question: SideQuestion) => Promise<Side>>> = {
      flotilla: openFlotillaSide,
      ...(argo === undefined ? {} : { argo: (question) => openArgoSide(question, argo) }),
      helm: (question) => openHelmSide(question, atOnce),
    }
    const open = Object.entries(sides) as [SideName, (question: SideQuestion) => Promise<Side>][]
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      const turns: Partial<Record<SideName, Turn>> = {}
      // each side is first, second and last in turn
      for (const [name, openSide] of [...open.slice(round % open.length), ...open.slice(0, round % open.length)]) {
        signal.throwIfAborted()
        await using origin = await openGitOrigin([...names, ...warmNames], image)
        await using side = await openSide({ fleet, hub, origin, run: run() })
        const turn = await takeTurn({ hub, side, origin, names })
        turns[name] = turn
        say(`round ${round + 1}, ${name}: ${phaseNames.map((phase) => describePhase(phase, turn)).join('; ')}`)
      }
      checkAlike(turns)
      measured.push(turns)
    }
    const builtFrom = argo === undefined ? {} : await describeArgo(argo.binary)
    return {
      name: `many-apps-${apps}`,
      title: `${apps} applications of ${objectsPerApp} objects in one cluster`,
      conditions: conditionsOf(atOnce, argo, builtFrom),
      checked: `after every step all ${apps * objectsPerApp} objects were there, and their digest was the one that the charts give, the same for every side.`,
      versions: { Kubernetes: gitVersion, helm: await readHelmVersion(), ...builtFrom },
      figures: figuresOf(measured),
      samples: { parallelism, rounds: measured },
    }
  } finally {
    await hub.close()
  }
}

function describePhase(name: string, turn: Turn): string {
  const { ms, seenMs, residentMb, cpuSeconds, renders } = turn[name as keyof Turn]
  return `${name} ${ms} ms (objects ${seenMs} ms), ${residentMb} MB, ${cpuSeconds} s of processor, ${renders} rendered`
}

function checkAlike(turns: Readonly<Partial<Record<SideName, Turn>>>): void {
  for (const phase of phaseNames)
    assert.equal(new Set(Object.values(turns).map((turn) => turn[phase].digest)).size, 1, `${phase}: the sides differ`)
}

function conditionsOf(
  atOnce: number,
  argo: ArgoProgram | undefined,
  versions: Readonly<Record<string, string>>,
): string[] {
  return [
    'A chart per application in one Git repository: ConfigMap, Service, ServiceAccount, and a Deployment of 0 replicas, so that no pod is waited for. The Git host answers from memory.',
    'Time ends when the side itself says that all is delivered and healthy, and every object in the cluster is right. Each side starts anew for its turn, with three applications before, and alone.',
    'No side looks by the clock while it is measured: all are told right after the commit (Flotilla by a sync request, Argo CD by its refresh annotation). "All asked" tells every application although one was touched: Argo CD compares, Flotilla applies once more, helm upgrades all.',
    'Memory is the resident memory of all processes of a side, added up, at its worst moment in the four steps.',
    `helm: \`helm upgrade --install\`, ${atOnce} at once, which was the fastest of 2, 4 and 8.`,
    'Flotilla tries every change by a dry-run first, keeps an inventory and a Helm release record; it logs at level debug, to count what it renders.',
    ...describeArgoSide(argo, versions),
    `Flux publishes (fluxcd/flux-benchmark), for the same shape on 16 cores: 27 s for 100 HelmReleases, 2 min 45 s for 500 (v2.6.0); it was not run here.`,
  ]
}

function describeArgoSide(argo: ArgoProgram | undefined, versions: Readonly<Record<string, string>>): string[] {
  if (argo === undefined) return ['Argo CD was left out: no binary was given (`--argocd`).']
  const set = [...argoSettings.controller, ...argoSettings.repoServer].join(' ')
  const env = Object.entries(argoSettings.env).map(([name, value]) => `${name}=${value}`)
  const engine = versions['its gitops-engine']
  return [
    `Argo CD: application controller, repo server and Redis as processes of this machine, without API server and console; automated sync without self-heal, \`manifest-generate-paths\` on every application; ${set}, ${env.join(', ')}.`,
    ...(engine === undefined
      ? []
      : [
          `Argo CD was built from its modules, with its gitops-engine at ${engine}: the commit that its release names could not be had.`,
        ]),
  ]
}
