import { addCluster, type Fleet, openTestFleet, removeCluster } from '@flotilla/local'
import type { Ran } from './run-program.ts'

/** Simulated nodes, on which pods run only on paper. */
const farAway = ['far-1', 'far-2'] as const
const fakeNodes = 3

/**
 * What each member is called, and which local cluster it is: two with simulated nodes, and the host as a member of
 * itself, as another cluster would take a gigabyte more.
 */
export const membersOf = {
  staging: 'east',
  canary: 'west',
  'rest-1': 'hub',
  'rest-2': 'far-1',
  'rest-3': 'far-2',
} as const
export type Member = keyof typeof membersOf
export const members = Object.keys(membersOf) as readonly Member[]

/** The label of members whose nodes are simulated. */
export const simulated = 'nodes=fake'

/** The fleet of the tests with two clusters more, which `close` takes away again. */
export async function openReleaseFleet(): Promise<{ readonly fleet: Fleet; close(): Promise<void> }> {
  let fleet = await openTestFleet()
  const { dir } = fleet
  const close = async (): Promise<void> => {
    for (const name of farAway) await removeCluster(dir, name).catch(() => 'never came to be')
  }
  try {
    for (const name of farAway) fleet = await addCluster(dir, { name, fakeNodes }, {})
  } catch (thrown) {
    await close()
    throw thrown
  }
  return { fleet, close }
}

/** Adds them to the server's fleet under the names of the story. */
export async function joinMembers(flotilla: (...args: string[]) => Promise<Ran>, fleet: Fleet): Promise<void> {
  for (const name of members) {
    const cluster = membersOf[name]
    const kubeconfig = fleet.clusters[cluster]?.kubeconfigPath ?? ''
    const labels = farAway.some((one) => one === cluster) ? ['--label', simulated] : []
    const { code, output } = await flotilla('cluster', 'add', name, '--kubeconfig', kubeconfig, ...labels)
    if (code !== 0) throw new Error(output)
  }
}
