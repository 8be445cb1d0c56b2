import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { RolePlace } from '../shapes/people.ts'
import {
  NewServiceAccount,
  NewToken,
  ServiceAccountRow,
  ServiceAccounts,
  TokenMade,
  TokenQuery,
  Tokens,
} from '../shapes/token.ts'
import { Name } from '../shapes/wire.ts'
import { needs, signedIn } from './rights.ts'

export const tokenRoutes = [
  defineRoute('serviceAccounts.list', {
    summary: 'Service accounts of a project, of a workspace or of the platform',
    params: undefined,
    query: RolePlace,
    body: undefined,
    result: ServiceAccounts,
    errors: [],
    rights: needs('list', 'memberships', 'named'),
  }),
  defineRoute('serviceAccounts.add', {
    audited: 'before',
    summary: 'Make a service account, for who gives roles there; it has none yet, and works with API tokens only',
    params: undefined,
    query: undefined,
    body: NewServiceAccount,
    result: ServiceAccountRow,
    errors: ['request.conflict', 'request.not_found'],
    rights: needs('create', 'memberships', 'named'),
    status: 201,
  }),
  defineRoute('serviceAccounts.remove', {
    audited: 'before',
    summary: 'Remove a service account; its tokens open nothing from then on',
    params: z.object({ user: Name }),
    query: undefined,
    body: undefined,
    result: z.object({ done: z.literal(true) }),
    errors: ['request.not_found'],
    rights: needs('delete', 'memberships', 'named'),
  }),
  defineRoute('tokens.list', {
    summary: 'API tokens, with when they were last used',
    params: undefined,
    query: TokenQuery,
    body: undefined,
    result: Tokens,
    errors: ['auth.forbidden', 'request.not_found'],
    rights: signedIn("shows the caller's own; of another person only to who may change users"),
  }),
  defineRoute('tokens.create', {
    audited: 'before',
    summary:
      'Make an API token of mine, or of a service account; it never gives more than I have at the moment when it is used',
    params: undefined,
    query: undefined,
    body: NewToken,
    result: TokenMade,
    errors: ['auth.forbidden', 'request.conflict', 'request.not_found'],
    rights: signedIn('stands for the caller, within the bounds that it is given'),
    status: 201,
    maxBodyBytes: 8 * 1024,
  }),
  defineRoute('tokens.revoke', {
    audited: 'before',
    summary: 'Revoke an API token: it opens nothing from now on, and what it has open ends',
    params: z.object({ token: z.string().regex(/^[0-9a-f]{16}$/, 'must be the id of a token') }),
    query: TokenQuery,
    body: undefined,
    result: z.object({ done: z.literal(true) }),
    errors: ['auth.forbidden', 'request.not_found'],
    rights: signedIn("ends the caller's own; of another person only for who may change users"),
  }),
]
