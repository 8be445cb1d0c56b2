import { InvalidArgumentError, Option } from 'commander'

// Options that several commands have, and how examples are written.
export const output = () =>
  new Option('-o, --output <form>', 'How to print').choices(['table', 'json', 'yaml']).default('table', 'table')
export const project = () => new Option('-n, --project <project>', 'Project (or FLOTILLA_PROJECT)')
export const workspace = () => new Option('-w, --workspace <workspace>', 'Workspace, for what lives in one')
export const objects = () =>
  new Option('--objects <what>', 'What becomes of the objects that were delivered').choices(['keep', 'delete'])
export const wait = () => new Option('--wait <time>', 'Wait until it is healthy, at most this long (90s, 5m)')
export const frozenWait = () =>
  new Option('--wait [time]', 'Wait until it is frozen, at most this long, and say how far it is').preset('10m')
export const several = (flags: string, text: string) =>
  new Option(flags, `${text}; may be repeated`).argParser<string[]>((value, before) => [...(before ?? []), value])
/** As `several`, of these words only. */
export function severalOf(flags: string, text: string, words: readonly string[]): Option {
  return several(flags, text)
    .choices(words)
    .argParser<string[]>((value, before) => {
      if (!words.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`)
      return [...(before ?? []), value]
    })
}
export const examples = (lines: readonly string[]) =>
  `\nExamples:\n${lines.map((line) => `  flotilla ${line}`).join('\n')}\n`
