import { resourceNames } from '@flotilla/api'
import type { Command } from 'commander'
import type { InProject } from '../find-in-project.ts'
import type { Io } from '../io.ts'
import { connect } from '../settings/connect.ts'

const scripts = {
  bash: `_flotilla() {
  local IFS=$'\\n'
  COMPREPLY=($(flotilla __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _flotilla flotilla
`,
  zsh: `#compdef flotilla
_flotilla() {
  local -a found
  found=(\${(f)"$(flotilla __complete -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)"})
  compadd -a found
}
compdef _flotilla flotilla
`,
  fish: `complete -c flotilla -f -a '(flotilla __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
} as const

export function completionScript(shell: keyof typeof scripts): string {
  return scripts[shell]
}

const serverCommands = ['serve', 'local', 'tour']
const askMs = 1500
const kinds = [
  'applications',
  'clusters',
  'credentials',
  'identityproviders',
  'deliveries',
  'componentversions',
  'releases',
  'plans',
  'rollouts',
  'approvals',
  'moves',
  'memberships',
  'customroles',
  'projects',
  'users',
  'workspaces',
  ...resourceNames,
]

/** Words that may stand in the place of the last one. Names are asked of the server for a moment at most. */
export async function complete(io: Io, program: Command, words: readonly string[]): Promise<string[]> {
  const last = words.at(-1) ?? ''
  let command = program
  let argumentsBefore = 0
  for (const word of words.slice(0, -1)) {
    const sub = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
    if (sub !== undefined) {
      command = sub
      argumentsBefore = 0
    } else if (!word.startsWith('-')) argumentsBefore++
  }
  const before = words.at(-2) ?? ''
  const found = await wordsFor(io, command, program, argumentsBefore, before, last)
  return found.filter((word) => word.startsWith(last)).sort()
}

async function wordsFor(
  io: Io,
  command: Command,
  program: Command,
  argumentsBefore: number,
  before: string,
  last: string,
): Promise<string[]> {
  const option = command.options.find((one) => one.long === before || one.short === before)
  if (option !== undefined && (option.required || option.optional)) {
    if (option.argChoices !== undefined) return [...option.argChoices]
    return await valuesOf(io, option.long ?? '')
  }
  if (last.startsWith('-'))
    return command.options.flatMap((one) => (one.long === undefined || one.long === null ? [] : [one.long]))
  const names = command.commands.map((one) => one.name()).filter((name) => !name.startsWith('__'))
  // `flotilla move APP` begins a move as `flotilla move start APP` does
  if (command.name() === 'move') return [...names, ...(await applicationNames(io))]
  if (names.length > 0) return command === program ? [...names, ...serverCommands] : names
  const argument = command.registeredArguments[argumentsBefore]
  if (argument?.argChoices !== undefined) return [...argument.argChoices]
  if (argument?.name() === 'app') return await applicationNames(io)
  if (argument?.name().endsWith('release') === true) return (await releaseNames(io)).map(inProject)
  if (argument?.name() === 'rollout') return (await rolloutNames(io)).map(inProject)
  if (argument?.name() === 'plan') return (await planNames(io)).map(inProject)
  if (argument?.name() === 'kind') return kinds
  if (argument?.name() === 'name' && command.parent?.name() === 'cluster') return await clusterNames(io)
  return []
}

/** What an option may be given. */
async function valuesOf(io: Io, option: string): Promise<string[]> {
  switch (option) {
    case '--cluster':
    case '--target':
    case '--from-cluster':
      return await clusterNames(io)
    case '--app':
      return await applicationNames(io)
    // of the project that the command is about
    case '--plan':
      return (await planNames(io)).map(({ name }) => name)
    case '--release':
      return (await releaseNames(io)).map(({ name }) => name)
    case '--rollout':
      return (await rolloutNames(io)).map(({ name }) => name)
    default:
      return []
  }
}

const inProject = ({ project, name }: InProject): string => `${project}/${name}`

const releaseNames = (io: Io): Promise<InProject[]> =>
  quietly(async (signal) => (await (await connect(io)).api.releases.list({ query: { limit: 500 }, signal })).items)
const rolloutNames = (io: Io): Promise<InProject[]> =>
  quietly(async (signal) => (await (await connect(io)).api.rollouts.list({ query: { limit: 500 }, signal })).items)
const planNames = (io: Io): Promise<InProject[]> =>
  quietly(async (signal) => (await (await connect(io)).api.plans.list({ query: { limit: 500 }, signal })).items)

async function applicationNames(io: Io): Promise<string[]> {
  return await quietly(async (signal) => {
    const { api } = await connect(io)
    const { items } = await api.applications.list({ query: { limit: 500 }, signal })
    return items.map((row) => `${row.project}/${row.name}`)
  })
}

async function clusterNames(io: Io): Promise<string[]> {
  return await quietly(async (signal) => {
    const { api } = await connect(io)
    const { items } = await api.clusters.list({ query: { limit: 500 }, signal })
    return items.map((row) => row.name)
  })
}

/** A completion that fails shows nothing. */
async function quietly<T>(ask: (signal: AbortSignal) => Promise<T[]>): Promise<T[]> {
  try {
    return await ask(AbortSignal.timeout(askMs))
  } catch {
    return []
  }
}
