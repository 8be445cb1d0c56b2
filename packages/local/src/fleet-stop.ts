import { rm } from 'node:fs/promises'
import { forgetFleet, forgetGoneFleets, listFleets } from './fleet-list.ts'
import type { FleetRecord } from './fleet-record.ts'
import { removeCgroups } from './cgroups.ts'
import { removeBridge } from './host-network.ts'
import { stopKeeper } from './keeper.ts'
import { clusterPaths, daemonPaths } from './paths.ts'
import { isAlive } from './process-identity.ts'
import { stopRegistry } from './registry-daemon.ts'

/** Stops everything of a fleet; its data stays. Already stopped is fine. */
export async function stopFleet(fleet: FleetRecord): Promise<void> {
  await stopKeeper(daemonPaths(fleet.dir, 'server').keeperStatus)
  await Promise.all(fleet.clusters.map((cluster) => stopKeeper(clusterPaths(fleet.dir, cluster.name).keeperStatus)))
  await stopRegistry(fleet.dir)
  await removeBridge(fleet.bridge)
  await removeCgroups(`flotilla/${fleet.id}`)
}

/** Stops a fleet and removes its folder and its place in the list. */
export async function removeFleet(fleet: FleetRecord): Promise<void> {
  await stopFleet(fleet)
  await rm(fleet.dir, { recursive: true, force: true })
  await forgetFleet(fleet.id)
}

/**
 * Removes every fleet whose owner has died: a killed test run, a run before a reboot. Fleets without an owner are a
 * person's own and are never touched, nor is anything that no record of ours names. Fleets whose folders are gone are
 * only taken off the list.
 */
export async function cleanLeftovers(): Promise<string[]> {
  const cleaned: string[] = []
  for (const fleet of await listFleets()) {
    if (fleet.owner === null || (await isAlive(fleet.owner))) continue
    await removeFleet(fleet)
    cleaned.push(fleet.name)
  }
  await forgetGoneFleets()
  return cleaned
}
