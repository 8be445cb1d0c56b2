import { FlotillaError } from '@flotilla/model'
import type { Finding } from './types.ts'

const mask = '•••'
/** Shorter texts would blank out half of any sentence and protect nothing. */
const shortestSecret = 4

/** Takes secret texts out of an error: templates and schemas like to quote the value that they dislike. */
export function redactError(thrown: unknown, secrets: readonly string[] | undefined): unknown {
  if (!(thrown instanceof FlotillaError) || secrets === undefined || secrets.length === 0) return thrown
  const clean = redactor(secrets)
  return new FlotillaError(thrown.code, {
    message: clean(thrown.message),
    remedy: thrown.remedy,
    field: thrown.field === undefined ? undefined : clean(thrown.field),
    value: thrown.value === undefined ? undefined : clean(thrown.value),
    retryAfter: thrown.retryAfter,
  })
}

export function redactFindings(
  findings: readonly Finding[],
  secrets: readonly string[] | undefined,
): readonly Finding[] {
  if (secrets === undefined || secrets.length === 0) return findings
  const clean = redactor(secrets)
  return findings.map((finding) => Object.assign({}, finding, { message: clean(finding.message) }))
}

const spellingsOf = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
  encodeURIComponent(secret.toWellFormed()),
]

/** Longest first, so that a secret that holds another goes as a whole; also as JSON, base64 and addresses spell it. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const spellings = [...secrets]
    .flatMap((secret) => (secret.length < shortestSecret ? [] : spellingsOf(secret)))
    .sort((a, b) => b.length - a.length)
  return (text) => spellings.reduce((clean, secret) => clean.replaceAll(secret, mask), text)
}
