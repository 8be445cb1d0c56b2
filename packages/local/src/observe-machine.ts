import { access, constants, readFile, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import path from 'node:path'
import { registryPort } from './addresses.ts'
import { findMissingParts } from './parts.ts'
import { cacheRoot } from './paths.ts'
import { programPackages, type MachineFacts } from './preflight.ts'
import { runCommand } from './run-command.ts'

/** Programs are looked for here too: a plain user's PATH often lacks the sbin folders. */
const searchPath = [
  ...(process.env['PATH'] ?? '').split(':'),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
]

/** Looks at this machine. `ports` are those that are to be free. */
export async function observeMachine(parts: readonly string[], ports: readonly number[]): Promise<MachineFacts> {
  const linux = process.platform === 'linux'
  const isRoot = process.getuid?.() === 0
  const [go, missingParts, missingPrograms, apt, canSudo, missingKernel, diskFreeMb, busyPorts, takenPorts] =
    await Promise.all([
      observeGo(),
      findMissingParts(parts),
      linux ? findMissingPrograms(Object.keys(programPackages)) : [],
      findProgram('apt-get'),
      isRoot ? false : succeeds(['sudo', '-n', 'true']),
      linux ? findMissingKernel() : [],
      observeDisk(),
      findBusy(ports, '127.0.0.1'),
      findBusy([registryPort], nobodysAddress),
    ])
  return {
    platform: process.platform,
    arch: process.arch,
    isRoot,
    canSudo,
    nodeMajor: Number(process.versions.node.split('.')[0]),
    go,
    missingParts: missingParts.map((part) => part.name),
    missingPrograms,
    hasApt: apt !== undefined,
    missingKernel,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    diskFreeMb,
    busyPorts,
    takenPorts,
  }
}

async function observeGo(): Promise<string | undefined> {
  const result = await runCommand(['go', 'env', 'GOVERSION']).catch(() => undefined)
  return result?.code === 0 ? result.stdout.trim() : undefined
}

async function findMissingPrograms(programs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(programs.map(findProgram))
  return programs.filter((_, index) => found[index] === undefined)
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const dir of searchPath) {
    const file = path.join(dir, name)
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  return undefined
}

/** Features without which a cluster cannot run. A module that can still be loaded counts as there. */
async function findMissingKernel(): Promise<string[]> {
  const filesystems = await readFile('/proc/filesystems', 'utf8').catch(() => '')
  const missing: string[] = []
  if (!/\boverlay\b/.test(filesystems) && !(await succeeds(['modprobe', '-n', 'overlay']))) missing.push('overlay')
  for (const [module, probe] of [
    ['bridge', '/sys/module/bridge'],
    ['veth', '/sys/module/veth'],
    ['nf_tables', '/sys/module/nf_tables'],
  ] as const) {
    const present = await access(probe).then(
      () => true,
      () => false,
    )
    if (!present && !(await isBuiltIn(module)) && !(await succeeds(['modprobe', '-n', module]))) missing.push(module)
  }
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  if (!/ cgroup2? /.test(mounts)) missing.push('cgroups')
  return missing
}

/** What is compiled into the kernel leaves a trace only sometimes; the kernel's own configuration tells the rest. */
async function isBuiltIn(module: string): Promise<boolean> {
  const options: Record<string, string> = {
    bridge: 'CONFIG_BRIDGE',
    veth: 'CONFIG_VETH',
    nf_tables: 'CONFIG_NF_TABLES',
  }
  const config = await runCommand(['zcat', '/proc/config.gz']).catch(() => undefined)
  // without any configuration to read the attempt itself will tell
  if (config === undefined || config.code !== 0)
    return !(await access('/lib/modules').then(
      () => true,
      () => false,
    ))
  return config.stdout.includes(`${options[module] ?? module}=y`)
}

async function observeDisk(): Promise<number> {
  for (let dir = cacheRoot(); ; dir = path.dirname(dir)) {
    const stats = await statfs(dir).catch(() => undefined)
    if (stats !== undefined) return Math.round((stats.bavail * stats.bsize) / 2 ** 20)
    if (dir === path.dirname(dir)) return 0
  }
}

/** A loopback address that nobody listens on by itself: what is busy here is busy at every address. */
const nobodysAddress = '127.83.61.7'

/** Those of the ports that cannot be listened on at an address. */
export async function findBusy(ports: readonly number[], host: string): Promise<number[]> {
  const free = await Promise.all(ports.map((port) => isFree(port, host)))
  return ports.filter((_, at) => free[at] === false)
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

const succeeds = (argv: string[]): Promise<boolean> =>
  runCommand(argv).then(
    (result) => result.code === 0,
    () => false,
  )
