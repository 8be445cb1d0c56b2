import { FlotillaError } from '@flotilla/model/errors'

/** An image reference in its parts; tag and digest may both be there. */
export interface ImageReference {
  readonly name: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** Splits `host:5000/path/name:tag@sha256:...`. A colon before the last slash belongs to a port. */
export function splitImage(reference: string): ImageReference {
  const at = reference.indexOf('@')
  const digest = at < 0 ? undefined : reference.slice(at + 1)
  const rest = at < 0 ? reference : reference.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  return colon < 0
    ? { name: rest, tag: undefined, digest }
    : { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest }
}

export function joinImage({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/**
 * What an override says. `name` alone keeps tag and digest; `:tag` and `@digest` alone keep the name; a tag replaces a
 * digest and the reverse, as kustomize has it: what was pinned before says nothing about the new choice.
 */
export function overrideImage(current: ImageReference, wanted: ImageReference): ImageReference {
  const name = wanted.name === '' ? current.name : wanted.name
  if (wanted.tag === undefined && wanted.digest === undefined) return { ...current, name }
  return { name, tag: wanted.tag, digest: wanted.digest }
}

const namePattern = /^[a-z0-9]+(?:[._-]+[a-z0-9]+|[:/][a-z0-9]+)*$/i
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/i

/** Reads an override; errors: `input.invalid` naming `field`. */
export function parseImageOverride(text: string, field: string): ImageReference {
  const wanted = splitImage(text)
  const nameFits = wanted.name === '' || namePattern.test(wanted.name)
  const tagFits = wanted.tag === undefined || tagPattern.test(wanted.tag)
  const digestFits = wanted.digest === undefined || digestPattern.test(wanted.digest)
  if (text !== '' && nameFits && tagFits && digestFits) return wanted
  throw new FlotillaError('input.invalid', {
    message: 'Not an image reference',
    remedy: 'Write name, name:tag, name@sha256:<digest>, :tag or @sha256:<digest>',
    field,
    value: text,
  })
}
