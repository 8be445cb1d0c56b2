import { parseAgentOptions } from '../packages/agent/src/agent-options.ts'
import { buildProgram } from '../packages/cli/src/program.ts'
import { testIo } from '../packages/cli/src/testing/test-io.ts'
import { createLocalProgram } from '../packages/local/src/cli/program.ts'
import { parseServeOptions } from '../packages/server/src/serve-options.ts'

type Command = ReturnType<typeof buildProgram>
type Option = Command['options'][number]

/** The command line as a person at a distance has it; nothing of it is run. */
const cliProgram = (): Command => buildProgram(testIo({}), 'docs')

export interface CommandLine {
  readonly words: readonly string[]
  /** A line that is shown to be run has all that its command needs; a mention in a sentence may be short. */
  readonly whole: boolean
}

/** What is wrong with `flotilla WORDS`, as the program's own definition says; undefined when nothing is. */
export function judgeCommand({ words, whole }: CommandLine): string | undefined {
  const [first, ...rest] = words
  if (rest.includes('--help')) return judgeCommand({ words: words.filter((word) => word !== '--help'), whole: false })
  switch (first) {
    case undefined:
      return undefined
    case 'serve':
      return judgeServe(rest)
    case 'agent':
      return judgeAgent(rest)
    case 'tour':
      return judgeTour(rest, whole)
    case 'local':
      return walk(createLocalProgram(new AbortController().signal), rest, whole)
    default:
      return walk(cliProgram(), words, whole)
  }
}

function judgeServe(args: readonly string[]): string | undefined {
  try {
    parseServeOptions(args, {})
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

function judgeAgent(args: readonly string[]): string | undefined {
  if (args.length === 0) return undefined
  try {
    parseAgentOptions(args, { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

function judgeTour([name, ...rest]: readonly string[], whole: boolean): string | undefined {
  if (name === undefined) return whole ? 'a tour is named' : undefined
  if (!['fleet', 'access', 'releases', 'NAME'].includes(name)) return `there is no tour ${name}`
  return rest.length === 0 || (rest.length === 2 && rest[0] === '--fleet') ? undefined : `wrong options of a tour`
}

function walk(program: Command, words: readonly string[], whole: boolean): string | undefined {
  let command = program
  let args = 0
  const seen = new Set<string>()
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word.startsWith('-') && word !== '-') {
      const [flag = '', value] = word.split('=', 2)
      // `flotilla audit --since 1h` is `flotilla audit list --since 1h`
      if (findOption(command, flag) === undefined) command = defaultOf(command) ?? command
      const option = findOption(command, flag)
      if (option === undefined) return `${pathOf(command)} has no option ${flag}`
      seen.add(option.attributeName())
      const given = value ?? (option.required ? words[++index] : undefined)
      if (option.required && given === undefined) return `${flag} needs a value`
      if (given !== undefined && option.argChoices?.includes(given) === false) return `${flag} does not take ${given}`
      continue
    }
    const sub = args === 0 ? command.commands.find((one) => [one.name(), ...one.aliases()].includes(word)) : undefined
    const otherwise = defaultOf(command)
    if (sub !== undefined) command = sub
    else if (otherwise !== undefined) {
      command = otherwise
      args++
    } else if (command.commands.length > 0) return `${pathOf(command)} has no command ${word}`
    else args++
  }
  return judgeEnd(command, args, seen, whole)
}

/** Commander keeps the name of the subcommand that runs when none is said to itself. */
function defaultOf(command: Command): Command | undefined {
  const name: unknown = Reflect.get(command, '_defaultCommandName')
  return command.commands.find((one) => one.name() === name)
}

function judgeEnd(command: Command, args: number, seen: ReadonlySet<string>, whole: boolean): string | undefined {
  const { registeredArguments: known } = command
  if (args > known.length && known.at(-1)?.variadic !== true) return `${pathOf(command)} takes fewer arguments`
  if (!whole) return undefined
  if (command.commands.length > 0) return `${pathOf(command)} needs a command`
  const needed = known.filter(({ required }) => required).length
  if (args < needed) return `${pathOf(command)} needs ${needed} arguments`
  const missing = command.options.find((option) => option.mandatory && !seen.has(option.attributeName()))
  return missing === undefined ? undefined : `${pathOf(command)} needs ${missing.flags}`
}

function findOption(command: Command, flag: string): Option | undefined {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const found = at.options.find(({ long, short }) => long === flag || short === flag)
    if (found !== undefined) return found
  }
  return undefined
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`

/** The words of a line of a shell, as far as documents use one: quotes, comments, pipes and redirections. */
export function splitLine(line: string): string[] {
  const words: string[] = []
  for (const match of line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)) {
    const bare = match[3]
    if (bare !== undefined && /^(#|[|<>;&]|\d>)/.test(bare)) break
    words.push(match[1] ?? match[2] ?? bare ?? '')
  }
  return words
}

/** Every leaf command that a person may call, such as `cluster add`. */
export function listCommands(command: Command = cliProgram(), before = ''): string[] {
  return command.commands.flatMap((sub) => {
    if (sub.name().startsWith('__')) return []
    const name = `${before}${sub.name()}`
    return sub.commands.length === 0 ? [name] : listCommands(sub, `${name} `)
  })
}
