import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runProgram } from '../e2e/support/run-program.ts'
import { followApplication, removeApplication, writeApplication } from './support/applications.ts'
import { type CountedRequest, type CountingProxy, openCountingProxy } from './support/counting-proxy.ts'
import { image, openWorld } from './support/open-world.ts'
import { spreadOf } from './support/statistics.ts'
import { asDocuments, objectCount, tenObjects } from './support/ten-objects.ts'
import type { Outcome } from './support/write-result.ts'
import { openTestFleet } from '@flotilla/local'
import type { RunOptions } from './run.ts'

/** Probes, leases and looks that come by the clock and not because something changed. */
const byTheClock = /^\/(readyz|livez|version)|[?&]watch=(1|true)/
const quietMs = 3_000

interface Count {
  readonly first: readonly string[]
  readonly oneObject: readonly string[]
  readonly sevenObjects: readonly string[]
}

/** Requests that a member's API server gets: for a first delivery, and for a change of one object of ten. */
export async function runRequests({ rounds = 5, say }: RunOptions): Promise<Outcome> {
  const fleet = await openTestFleet()
  const { east } = fleet.clusters
  if (east === undefined) throw new Error('the fleet has no cluster east')
  await using proxy = await openCountingProxy(east.kubeconfig)
  const folder = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-'))
  const kubeconfig = path.join(folder, 'kubeconfig')
  await writeFile(kubeconfig, proxy.kubeconfig, { mode: 0o600 })
  try {
    await using world = await openWorld({ members: { east: kubeconfig }, allowHosts: [proxy.host] })
    const hub = world.client('hub')
    const project = await world.createProject(1)
    const plain = `plain-${project.name}`
    const kubectl = (...args: string[]) =>
      runProgram(path.join(fleet.dir, 'bin/kubectl'), ['--kubeconfig', kubeconfig, '-n', plain, ...args])
    await world.kubectl('east', 'create', 'namespace', plain)

    const ours: Count[] = []
    const theirs: Count[] = []
    for (let round = 0; round < rounds; round++) {
      const application = followApplication(hub, project)
      const deliver = (value: string, onlyFirst: boolean) => async (): Promise<void> => {
        await writeApplication(hub, project, tenObjects({ value, replicas: 0, image, onlyFirst }))
        await application.untilHealthy(60_000)
      }
      const file = path.join(folder, 'objects.yaml')
      const apply = (value: string, onlyFirst: boolean) => async (): Promise<void> => {
        await writeFile(file, asDocuments(tenObjects({ value, replicas: 0, image, onlyFirst })))
        const { code, output } = await kubectl('apply', '-f', file)
        assert.equal(code, 0, output)
      }
      const isOurs = ({ agent }: CountedRequest): boolean => agent.startsWith('flotilla-server')
      ours.push({
        first: await countOver(proxy, isOurs, deliver('same', true)),
        oneObject: await countOver(proxy, isOurs, deliver(`${round}-one`, true)),
        sevenObjects: await countOver(proxy, isOurs, deliver(`${round}-seven`, false)),
      })
      application.close()
      await removeApplication(hub, project)
      const isTheirs = ({ agent }: CountedRequest): boolean => agent.startsWith('kubectl')
      theirs.push({
        first: await countOver(proxy, isTheirs, apply('same', true)),
        oneObject: await countOver(proxy, isTheirs, apply(`${round}-one`, true)),
        sevenObjects: await countOver(proxy, isTheirs, apply(`${round}-seven`, false)),
      })
      await kubectl('delete', '-f', file, '--wait=true')
      const last = { ours: ours.at(-1), theirs: theirs.at(-1) }
      for (const [who, count] of Object.entries(last))
        say(
          `round ${round + 1}, ${who}: ${[count?.first, count?.oneObject, count?.sevenObjects].map((one) => one?.length).join(', ')}`,
        )
      assert.ok((last.ours?.oneObject.length ?? 0) > 0, 'no request of ours was counted')
    }
    await world.kubectl('east', 'delete', 'namespace', plain, '--wait=false')
    const spread = (counts: readonly Count[], which: keyof Count) =>
      spreadOf(counts.map((count) => count[which].length))
    return {
      title: `requests to a member's API server, for an application of ${objectCount} objects`,
      conditions: [
        "Counted by a relay before the member's API server. Watches that stand, and probes that come by the clock, are not counted: they do not come from a change.",
        'kubectl is `kubectl apply -f`, with its discovery cache warm after the first round; it tries nothing by a dry-run, keeps no inventory, and does not look whether what it wrote became healthy.',
        'Argo CD and Flux were not run here, so nothing is said about them.',
      ],
      checked:
        'the application was healthy with each change; kubectl said that it had applied; both were counted by the same relay.',
      versions: world.versions,
      figures: [
        { what: 'Flotilla, first delivery of ten objects', unit: 'requests', value: spread(ours, 'first') },
        { what: 'Flotilla, one object of ten changed', unit: 'requests', value: spread(ours, 'oneObject') },
        { what: 'Flotilla, seven objects of ten changed', unit: 'requests', value: spread(ours, 'sevenObjects') },
        { what: 'kubectl, first apply', unit: 'requests', value: spread(theirs, 'first') },
        { what: 'kubectl, one object changed', unit: 'requests', value: spread(theirs, 'oneObject') },
        { what: 'kubectl, seven objects changed', unit: 'requests', value: spread(theirs, 'sevenObjects') },
      ],
      samples: { flotilla: ours, kubectl: theirs },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What was asked while the work ran, and in the moments after it. */
async function countOver(
  proxy: CountingProxy,
  isMeant: (request: CountedRequest) => boolean,
  work: () => Promise<void>,
): Promise<string[]> {
  const from = proxy.seen.length
  await work()
  await wait(quietMs)
  return proxy.seen
    .slice(from)
    .filter((request) => isMeant(request) && !byTheClock.test(request.path))
    .map(({ method, path: asked }) => `${method} ${asked}`)
}
