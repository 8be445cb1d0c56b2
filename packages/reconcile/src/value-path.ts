import { FlotillaError, isRecord } from '@flotilla/model'

export type PathStep = string | number

/** What stands at a path: `set` is false where no layer says anything, which is not the same as null. */
export type ValueAt = { readonly set: true; readonly value: unknown } | { readonly set: false }

const index = /\[(\d{1,6})\]/y
const quoted = /\["((?:[^"\\]|\\.)+)"\]/y
const name = /((?:[^.[\]\\"]|\\.)+)/y

/**
 * Reads `web.image.tag`, `hosts[0].name`, `annotations["a.b/c"]` or, as `helm --set` has it, `annotations.a\.b/c`.
 * Fails with `input.invalid` that names the path.
 */
export function parseValuePath(text: string): PathStep[] {
  if (text === '') throw badPath(text, 'is empty')
  if (text.length > 1024) throw badPath(text, 'is longer than 1,024 characters')
  const steps: PathStep[] = []
  let at = 0
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at
    const found = form.exec(text)
    if (found === null) return undefined
    at = form.lastIndex
    return found[1]
  }
  while (at < text.length) {
    const number = take(index)
    if (number !== undefined) {
      steps.push(Number(number))
      continue
    }
    const key = take(quoted)
    if (key !== undefined) {
      steps.push(unescape(key))
      continue
    }
    // a name stands first or after a dot, and a dot stands between
    if (steps.length > 0 && text[at++] !== '.') throw badPath(text, `cannot be read from character ${at}`)
    const plain = take(name)
    if (plain === undefined) throw badPath(text, `has no name at character ${at + 1}`)
    steps.push(unescape(plain))
  }
  return steps
}

/** The reverse of `parseValuePath`. */
export function formatPath(steps: readonly PathStep[]): string {
  let text = ''
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[^.[\]\\"]+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `["${step.replaceAll(/["\\]/g, String.raw`\$&`)}"]`
  }
  return text
}

export function readPath(root: unknown, steps: readonly PathStep[]): ValueAt {
  let value = root
  for (const step of steps) {
    if (Array.isArray(value) && typeof step === 'number') {
      if (step >= value.length) return { set: false }
      value = value[step]
    } else if (isRecord(value) && Object.hasOwn(value, step)) value = value[String(step)]
    else return { set: false }
  }
  return { set: true, value }
}

const unescape = (text: string): string => text.replaceAll(/\\(.)/g, '$1')

function badPath(text: string, why: string): FlotillaError {
  return new FlotillaError('input.invalid', {
    message: `The path ${why}`,
    field: 'path',
    value: text,
    remedy: 'Write it like web.image.tag, hosts[0].name or annotations["example.com/name"]',
  })
}
