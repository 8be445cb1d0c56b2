import { runChecked, runCommand } from './run-command.ts'

const table = 'flotilla_cut'

// Before every other rule, so that what is already connected falls silent too.
const rules = `table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain in { type filter hook prerouting priority -400; iifname "eth0" drop; }
  chain out { type filter hook postrouting priority 400; oifname "eth0" drop; }
}
`

const inNetwork = (insidePid: number, ...argv: string[]): string[] => [
  'nsenter',
  `--net=/proc/${insidePid}/ns/net`,
  ...argv,
]

/** Drops everything between a cluster and the rest, both ways and in silence, as a cut line does. Inside, all goes on. */
export async function cutNetwork(insidePid: number): Promise<void> {
  await runChecked(inNetwork(insidePid, 'nft', '-f', '-'), { input: rules })
}

/** Undoes cutNetwork; harmless when nothing was cut. */
export async function healNetwork(insidePid: number): Promise<void> {
  if (await isCut(insidePid)) await runChecked(inNetwork(insidePid, 'nft', 'delete', 'table', 'inet', table))
}

export async function isCut(insidePid: number): Promise<boolean> {
  return (await runCommand(inNetwork(insidePid, 'nft', 'list', 'table', 'inet', table))).code === 0
}
