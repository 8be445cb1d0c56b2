import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { computeFleetAddresses } from './addresses.ts'
import { runChecked, runCommand } from './run-command.ts'

const Route = z.object({ dst: z.string().optional() })
const Link = z.object({ addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number() })).default([]) })

/** Every IPv4 range that this machine routes or owns. */
export async function observeTakenRanges(): Promise<string[]> {
  const [routes, addresses] = await Promise.all([
    runChecked(['ip', '-4', '-json', 'route', 'show', 'table', 'all']),
    runChecked(['ip', '-4', '-json', 'address', 'show']),
  ])
  const destinations = z
    .array(Route)
    .parse(JSON.parse(routes || '[]'))
    .map((route) => route.dst ?? '')
  const owned = z
    .array(Link)
    .parse(JSON.parse(addresses || '[]'))
    .flatMap((link) => link.addr_info.map((info) => `${info.local}/${info.prefixlen}`))
  return [...destinations, ...owned]
}

/** Makes the fleet's bridge, and the way out for pods (masquerading in a table of our own). Safe to repeat. */
export async function ensureBridge(bridge: string, second: number): Promise<void> {
  const addresses = computeFleetAddresses(second)
  if ((await runCommand(['ip', 'link', 'show', bridge])).code !== 0) {
    await runChecked(['ip', 'link', 'add', bridge, 'type', 'bridge'])
  }
  await runChecked(['ip', 'address', 'replace', `${addresses.gateway}/${addresses.prefix}`, 'dev', bridge])
  await runChecked(['ip', 'link', 'set', bridge, 'up'])
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1')
  await raiseLimit('/proc/sys/fs/inotify/max_user_instances', 8192)
  await raiseLimit('/proc/sys/fs/inotify/max_user_watches', 524288)
  const table = tableOf(bridge)
  await runChecked(['nft', '-f', '-'], {
    input: `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain out {
    type nat hook postrouting priority srcnat;
    ip saddr ${addresses.range} ip daddr != ${addresses.range} oifname != "${bridge}" masquerade
  }
}
`,
  })
}

/** Takes the bridge and its table away. Already gone is fine. */
export async function removeBridge(bridge: string): Promise<void> {
  await runCommand(['nft', 'delete', 'table', 'ip', tableOf(bridge)])
  await runCommand(['ip', 'link', 'delete', bridge])
}

const tableOf = (bridge: string): string => bridge.replaceAll('-', '_')

/** Several kubelets on one kernel use more watches than one user's default allows. */
async function raiseLimit(file: string, least: number): Promise<void> {
  if (Number(await readFile(file, 'utf8')) < least) await writeFile(file, String(least))
}
