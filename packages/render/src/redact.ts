import { FlotillaError } from '@flotilla/model'
import type { Finding } from './types.ts'

const defaultMask = '•••'
/** Shorter texts would blank out half of any sentence and protect nothing. */
const shortestSecret = 4
/** Shorter lines of a secret of several are such as `}` or `- a`. */
const shortestLine = 8

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

/** By what they begin with, the longest first. One expression of them all would be faster, and too large for a few keys. */
type Spellings = ReadonlyMap<number, readonly string[]>

/** The first characters as one number, of as many as the shortest secret has. */
const headAt = (text: string, at: number): number =>
  (text.charCodeAt(at) << 21) ^
  (text.charCodeAt(at + 1) << 14) ^
  (text.charCodeAt(at + 2) << 7) ^
  text.charCodeAt(at + 3)

/** Lists of secrets stay as they are, and the same one cleans many texts. */
const read = new WeakMap<readonly string[], Spellings>()

/**
 * Takes secrets out of a text, also as JSON, base64 and addresses spell them, and each line of those that have several:
 * a template indents them. What overlaps goes as a whole. The time it takes does not grow with the number of secrets.
 */
export function redactor(secrets: readonly string[], mask = defaultMask): (text: string) => string {
  if (secrets.length === 0) return (text) => text
  return (text) => {
    const spellings = read.get(secrets) ?? readSpellings(secrets)
    let clean = ''
    let hiddenTo = 0
    for (let at = 0; at + shortestSecret <= text.length; at++) {
      const spelling = spellings.get(headAt(text, at))?.find((one) => text.startsWith(one, at))
      if (spelling === undefined) continue
      if (at >= hiddenTo) clean += text.slice(hiddenTo, at) + mask
      hiddenTo = Math.max(hiddenTo, at + spelling.length)
    }
    return hiddenTo === 0 ? text : clean + text.slice(hiddenTo)
  }
}

function readSpellings(secrets: readonly string[]): Spellings {
  const spellings = new Map<number, string[]>()
  for (const spelling of new Set(secrets.flatMap(spellingsOf))) {
    if (spelling.length < shortestSecret) continue
    const head = headAt(spelling, 0)
    const others = spellings.get(head)
    if (others === undefined) spellings.set(head, [spelling])
    else others.push(spelling)
  }
  for (const others of spellings.values()) others.sort((a, b) => b.length - a.length)
  read.set(secrets, spellings)
  return spellings
}

function spellingsOf(secret: string): string[] {
  // templates like to trim what a file gave them
  const bare = secret.trim()
  const wholes = (bare === secret ? [secret] : [secret, bare]).filter(({ length }) => length >= shortestSecret)
  const lines = bare.includes('\n') ? bare.split('\n').map((line) => line.trim()) : []
  return [
    ...[...wholes, ...lines.filter(({ length }) => length >= shortestLine)].flatMap(plainAndJson),
    ...wholes.map((text) => Buffer.from(text).toString('base64')),
    ...wholes.map((text) => encodeURIComponent(text.toWellFormed())),
  ]
}

/** What JSON writes as it is. */
const plain = /^[\w ./:+=-]*$/

/** As it is, as JavaScript writes it, as Go does, which spells out what HTML would read, and as a text in a text. */
function plainAndJson(text: string): string[] {
  if (plain.test(text)) return [text]
  const json = JSON.stringify(text).slice(1, -1)
  const forHtml = json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
  return [text, json, forHtml, JSON.stringify(json).slice(1, -1)]
}
