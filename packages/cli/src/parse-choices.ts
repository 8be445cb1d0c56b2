import type { RouteBody } from '@flotilla/api'
import { UsageError } from './exit.ts'

type Choice = NonNullable<RouteBody<'releases.create'>['components']>[number]

interface Chosen {
  version?: string
  readonly images: Map<string, string>
}

/** Choices of a release from `--set web=1.5.0` and `--image web/nginx=registry:5000/nginx:1.29@sha256:...`. */
export function parseChoices(sets: readonly string[], images: readonly string[]): Choice[] {
  const choices = new Map<string, Chosen>()
  const of = (name: string) => {
    const choice: Chosen = choices.get(name) ?? { images: new Map() }
    choices.set(name, choice)
    return choice
  }
  for (const text of sets) {
    const [name, version] = splitAt(text, '=') ?? []
    if (name === undefined || version === undefined)
      throw new UsageError(`--set ${text} is no choice; write COMPONENT=VERSION, such as web=1.5.0`)
    const choice = of(name)
    if (choice.version !== undefined) throw new UsageError(`--set gives ${name} two versions; say one`)
    choice.version = version
  }
  for (const text of images) {
    const [name, rest = ''] = splitAt(text, '/') ?? []
    // a reference may hold "=", the name of an image does not
    const [image, ref] = splitAt(rest, '=') ?? []
    if (name === undefined || name.includes('=') || image === undefined || ref === undefined)
      throw new UsageError(
        `--image ${text} is no choice; write COMPONENT/IMAGE=REFERENCE, such as web/nginx=nginx:1.29`,
      )
    const { images: chosen } = of(name)
    if (chosen.has(image)) throw new UsageError(`--image gives ${name}/${image} two references; say one`)
    chosen.set(image, ref)
  }
  return [...choices].map(([name, choice]) => choiceOf(name, choice))
}

const choiceOf = (name: string, { version, images }: Chosen): Choice => ({
  name,
  ...(version === undefined ? {} : { version }),
  ...(images.size === 0 ? {} : { images: Object.fromEntries(images) }),
})

/** Before and after the first `mark`; undefined when one of both is empty. */
function splitAt(text: string, mark: string): [string, string] | undefined {
  const at = text.indexOf(mark)
  return at < 1 || at === text.length - 1 ? undefined : [text.slice(0, at), text.slice(at + 1)]
}
