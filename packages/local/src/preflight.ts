/** What a machine has, as far as the local fleet needs it. Observed in observe-machine.ts; judged here. */
export interface MachineFacts {
  readonly platform: string
  readonly arch: string
  /** Whether this process may change the machine's network and mounts. */
  readonly isRoot: boolean
  /** Whether sudo can make it root. */
  readonly canSudo: boolean
  readonly nodeMajor: number
  /** Such as `go1.26.8`; undefined without Go. */
  readonly go: string | undefined
  /** Parts that are neither packed nor compiled. */
  readonly missingParts: readonly string[]
  /** Programs that were not found. */
  readonly missingPrograms: readonly string[]
  readonly hasApt: boolean
  /** Kernel features that were not found, such as `overlay`. */
  readonly missingKernel: readonly string[]
  readonly memoryMb: number
  readonly diskFreeMb: number
  /** Ports of this machine that somebody else listens on. */
  readonly busyPorts: readonly number[]
  /** Ports that somebody else listens on at every address, so that nobody gets them on the fleet's bridge. */
  readonly takenPorts: readonly number[]
}

export interface Need {
  readonly what: string
  readonly remedy: string
}

export interface Verdict {
  /** What a person must see to. */
  readonly missing: readonly Need[]
  /** Debian packages that bring what else is missing; installed without asking where that is possible. */
  readonly packages: readonly string[]
}

/** Programs that the fleet calls, by the Debian package that brings them. */
export const programPackages: Readonly<Record<string, string>> = {
  runc: 'runc',
  nft: 'nftables',
  ip: 'iproute2',
  conntrack: 'conntrack',
  busybox: 'busybox-static',
  nsenter: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
  tar: 'tar',
}

export const leastMemoryMb = 4096
/** Measured: 5 GB of modules and 10 GB of the compiler's cache, plus what a fleet itself takes. */
export const compileDiskMb = 20_000
export const packedDiskMb = 6000
export const leastNodeMajor = 24
const leastGoMinor = 21

const ownClusters =
  'Or use clusters that you have: `flotilla serve --kubeconfig FILE` needs no root and nothing of this list.'

/** Judges a machine: every need that is not met, with its remedy, at once. */
export function judgeMachine(facts: MachineFacts): Verdict {
  const missing: Need[] = []
  const need = (what: string, remedy: string) => missing.push({ what, remedy })
  if (facts.platform !== 'linux' || facts.arch !== 'x64') {
    need(`Local clusters run on Linux for x86-64; this is ${facts.platform} on ${facts.arch}`, ownClusters)
    return { missing, packages: [] }
  }
  if (!facts.isRoot && !facts.canSudo) {
    need('Real clusters need root, for network namespaces and mounts', `Run it as root or with sudo. ${ownClusters}`)
  }
  if (facts.nodeMajor < leastNodeMajor) {
    need(
      `Node ${leastNodeMajor} or newer (found ${facts.nodeMajor})`,
      'Run `npm install`: it brings one along. Or install it from nodejs.org.',
    )
  }
  if (facts.missingParts.length > 0) judgeCompiler(facts, need)
  const disk = facts.missingParts.length > 0 ? compileDiskMb : packedDiskMb
  if (facts.diskFreeMb < disk) {
    need(
      `${inGb(disk)} of free disk (found ${inGb(facts.diskFreeMb)})`,
      'Free some, or point XDG_CACHE_HOME, GOCACHE and GOMODCACHE at a larger disk.',
    )
  }
  if (facts.memoryMb < leastMemoryMb) {
    need(
      `${inGb(leastMemoryMb)} of memory (found ${inGb(facts.memoryMb)})`,
      'Each cluster takes about 0.8 GB; use a larger machine or `--clusters hub,east`.',
    )
  }
  for (const feature of facts.missingKernel) {
    need(
      `The kernel feature ${feature}`,
      `Load it (\`modprobe ${feature}\`) or use a kernel that has it, as Debian's and Ubuntu's have.`,
    )
  }
  for (const port of facts.busyPorts) {
    need(
      `Port ${port} on 127.0.0.1, which another process listens on`,
      `Stop that process (\`ss -ltnp 'sport = :${port}'\` names it) or choose another with --port.`,
    )
  }
  for (const port of facts.takenPorts) {
    need(
      `Port ${port}, which another process listens on at every address: the fleet's registry needs it on its bridge`,
      `Stop that process (\`ss -ltnp 'sport = :${port}'\` names it) or let it listen on 127.0.0.1 only.`,
    )
  }
  const packages = [...new Set(facts.missingPrograms.map((program) => programPackages[program] ?? program))].sort()
  if (packages.length > 0 && !(facts.hasApt && (facts.isRoot || facts.canSudo))) {
    need(
      `The programs ${facts.missingPrograms.join(', ')}`,
      `Install them; on Debian and Ubuntu: apt-get install ${packages.join(' ')}`,
    )
  }
  return { missing, packages }
}

function judgeCompiler(facts: MachineFacts, need: (what: string, remedy: string) => void): void {
  const remedy =
    'Install Go from go.dev/dl (an older one fetches the right version itself), or the package @flotilla/parts-linux-x64, with which nothing is compiled.'
  if (facts.go === undefined) {
    need(`Go, to compile ${facts.missingParts.join(', ')}`, remedy)
    return
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(facts.go) ?? []
  if (Number(major) === 1 && Number(minor) < leastGoMinor)
    need(`Go 1.${leastGoMinor} or newer (found ${facts.go})`, remedy)
}

const inGb = (mb: number): string => `${(mb / 1024).toFixed(mb < 10_240 ? 1 : 0)} GB`
