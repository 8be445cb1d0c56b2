import { type CommandResult, runChecked, runCommand } from './run-command.ts'

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

const wall = 'flotilla_wall'

// Whoever spoke first decides, also of what is connected already: answers to what was asked from inside come through.
const wallRules = `table inet ${wall}
delete table inet ${wall}
table inet ${wall} {
  chain in { type filter hook prerouting priority -150; iifname "eth0" ct direction original drop; }
}
`

/** Lets nothing in that was not asked for from inside, as a firewall does: the cluster dials out, and nobody dials it. */
export async function closeInbound(insidePid: number): Promise<void> {
  await runChecked(inNetwork(insidePid, 'nft', '-f', '-'), { input: wallRules })
}

/** Undoes closeInbound; harmless when nothing was closed. */
export async function openInbound(insidePid: number): Promise<void> {
  if ((await runCommand(inNetwork(insidePid, 'nft', 'list', 'table', 'inet', wall))).code === 0)
    await runChecked(inNetwork(insidePid, 'nft', 'delete', 'table', 'inet', wall))
}

/** Runs a program where only what is inside the cluster's network is reached. */
export const runInside = (
  insidePid: number,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> => runCommand(inNetwork(insidePid, ...argv), { env: { ...process.env, ...env } })

/** Undoes cutNetwork; harmless when nothing was cut. */
export async function healNetwork(insidePid: number): Promise<void> {
  if (await isCut(insidePid)) await runChecked(inNetwork(insidePid, 'nft', 'delete', 'table', 'inet', table))
}

export async function isCut(insidePid: number): Promise<boolean> {
  return (await runCommand(inNetwork(insidePid, 'nft', 'list', 'table', 'inet', table))).code === 0
}
