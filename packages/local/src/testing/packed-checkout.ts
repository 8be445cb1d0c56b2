import { cp, mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { packDistribution } from '../dist.ts'
import { projectRoot } from '../paths.ts'
import { runChecked, runCommand, type CommandResult } from '../run-command.ts'

/** Where Go is not, but all that a machine without it has. */
const withoutGo = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface PackedCheckout {
  /** Runs a program of PATH, or `flotilla`, as on a machine without Go. */
  run(argv: readonly string[]): Promise<CommandResult>
}

/** A checkout below a folder in which the package of compiled parts is installed. */
export async function makePackedCheckout(root: string): Promise<PackedCheckout> {
  const file = await packDistribution({ into: path.join(root, 'packed'), packing: 'quick' })
  // a cache of its own, which goes with the folder: in a person's, 200 MB would stay for each version of the parts
  const cache = path.join(root, 'npm')
  await runChecked(['npm', 'install', '--silent', '--no-save', '--offline', '--cache', cache, '--prefix', root, file])
  const checkout = path.join(root, 'flotilla')
  const tracked = (await runChecked(['git', 'ls-files', '-z'], { cwd: projectRoot })).split('\0').filter(Boolean)
  for (const name of tracked) {
    await mkdir(path.dirname(path.join(checkout, name)), { recursive: true })
    await cp(path.join(projectRoot, name), path.join(checkout, name))
  }
  await symlink(path.join(projectRoot, 'node_modules'), path.join(checkout, 'node_modules'))
  const env = {
    PATH: `${path.join(checkout, 'bin')}:${path.dirname(process.execPath)}:${withoutGo}`,
    HOME: root,
    XDG_CACHE_HOME: path.join(root, 'cache'),
  }
  return { run: (argv) => runCommand(argv, { env }) }
}
