import { group } from '@flotilla/model'
import type { ResourceRight, RightScope, Rights } from '../route.ts'

type Verb = ResourceRight['verb']

const need = (verb: Verb, resource: string, scope: RightScope): ResourceRight => ({ verb, resource, group, scope })

export const anybody = (why: string) => ({ kind: 'public', why }) as const satisfies Rights
export const signedIn = (why: string) => ({ kind: 'signed-in', why }) as const satisfies Rights

/** Without the right there is no answer. */
export const needs = (verb: Verb, resource: string, scope: RightScope) =>
  ({ kind: 'kubernetes', mode: 'refuse', needs: [need(verb, resource, scope)] }) as const satisfies Rights

/** The answer holds only what the person may list. */
export const filtered = (resource: string, scope: RightScope) =>
  ({ kind: 'kubernetes', mode: 'filter', needs: [need('list', resource, scope)] }) as const satisfies Rights

/** Reading an application of a project, and something of its objects in the members. */
export const needsInMember = (resource: string, memberGroup: string, verb: Verb = 'list') =>
  ({
    kind: 'kubernetes',
    mode: 'refuse',
    needs: [need('get', 'applications', 'project')],
    member: [{ verb, resource, group: memberGroup }],
  }) as const satisfies Rights
