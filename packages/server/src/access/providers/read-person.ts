import { mostGroups } from '@flotilla/model'
import { type ExternalPerson, refused } from './connector.ts'

const longestSubject = 512
const longestGroup = 512
const longestName = 128
const longestEmail = 254

/** What is said of a person somewhere, by the names that the provider's settings give. */
export interface PersonSaid {
  readonly subject: unknown
  readonly name: unknown
  readonly email: unknown
  readonly groups: unknown
}

/** Takes what a provider says of a person: bounded, and without a subject nobody. */
export function readPerson(provider: string, said: PersonSaid): ExternalPerson {
  const subject = exactly(said.subject)
  if (typeof subject !== 'string' || subject === '' || subject.length > longestSubject)
    throw refused(provider, 'it does not say who the person is')
  const groups = Array.isArray(said.groups) ? said.groups : typeof said.groups === 'string' ? [said.groups] : []
  const named = groups
    .map(exactly)
    .filter((group): group is string => typeof group === 'string' && group !== '' && group.length <= longestGroup)
  return {
    subject,
    name: text(said.name, longestName),
    email: text(said.email, longestEmail),
    groups: [...new Set(named)].sort().slice(0, mostGroups),
  }
}

/** A field by its name, or within fields: `data.user.id`. Only own fields count. */
export function readField(answer: unknown, path: string): unknown {
  if (isRecord(answer) && Object.hasOwn(answer, path)) return answer[path]
  let value = answer
  for (const name of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A number that is not exact may be that of several people: 2^53 and 2^53 + 1 are read as the same. */
const exactly = (value: unknown): unknown => (Number.isSafeInteger(value) ? String(value) : value)

/** Of one line, without what makes a reader see it in another order, and as the host keeps it. */
function text(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string') return undefined
  const clean = value
    .replaceAll(/\p{Cc}/gu, ' ')
    .replaceAll(/\p{Bidi_Control}/gu, '')
    .trim()
  return clean === '' ? undefined : clean.slice(0, longest).toWellFormed()
}
