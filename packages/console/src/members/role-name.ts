import type { Dictionary } from '../i18n/en.ts'
import type { Scope } from './role-place.ts'

interface RoleWords {
  readonly name: string
  readonly may: string
}

const wordsOf = (t: Dictionary, scope: Scope, role: string): RoleWords | undefined => {
  const words: Readonly<Record<string, RoleWords>> = t.members.roles[scope]
  return words[role]
}

/** A role in the reader's words; one that nobody knows as it is written. */
export const roleName = (t: Dictionary, { scope, role }: { readonly scope: Scope; readonly role: string }): string =>
  wordsOf(t, scope, role)?.name ?? role

/** What a role may do, in one line. */
export const roleMay = (t: Dictionary, scope: Scope, role: string): string => wordsOf(t, scope, role)?.may ?? ''
