import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { ProviderTested, SignedInThrough, SignInAnswer, SignInBegun, SignInWays } from '../shapes/provider.ts'
import { Name } from '../shapes/wire.ts'
import { anybody, needs } from './rights.ts'

const params = z.object({ provider: Name })

export const providerRoutes = [
  defineRoute('signIn.ways', {
    summary: 'The ways to sign in',
    params: undefined,
    query: undefined,
    body: undefined,
    result: SignInWays,
    errors: [],
    rights: anybody('the sign-in page shows them before anybody is signed in'),
  }),
  defineRoute('signIn.begin', {
    audited: 'never',
    summary: 'Begin to sign in through an identity provider; this browser keeps what belongs to it for ten minutes',
    params,
    query: undefined,
    body: z.object({ next: z.string().max(2048).optional().describe('Path of the console to go on to') }),
    result: SignInBegun,
    errors: ['request.not_found', 'request.csrf', 'auth.refused', 'provider.unreachable', 'server.busy'],
    rights: anybody('nobody is signed in yet; it gives nothing but an address of the provider'),
    maxBodyBytes: 8 * 1024,
  }),
  defineRoute('signIn.finish', {
    summary: 'Come back from an identity provider with its answer',
    params,
    query: undefined,
    body: SignInAnswer,
    result: SignedInThrough,
    errors: [
      'request.not_found',
      'request.csrf',
      'auth.refused',
      'auth.forbidden',
      'provider.unreachable',
      'server.busy',
    ],
    rights: anybody('nobody is signed in yet; the answer counts only in the browser that began'),
    status: 201,
    maxBodyBytes: 16 * 1024,
  }),
  defineRoute('providers.setSecret', {
    audited: 'before',
    summary: 'Keep what proves Flotilla to an identity provider: client secret, app secret or bind password',
    params,
    query: undefined,
    body: z.object({ secret: z.string().min(1).max(4096) }),
    result: z.object({ done: z.literal(true) }),
    errors: ['request.not_found'],
    rights: needs('update', 'identityproviders', 'cluster'),
    maxBodyBytes: 16 * 1024,
  }),
  defineRoute('providers.test', {
    summary: 'Ask an identity provider now whether people could sign in through it',
    params,
    query: undefined,
    body: z.object({}).optional(),
    result: ProviderTested,
    errors: ['request.not_found'],
    rights: needs('update', 'identityproviders', 'cluster'),
  }),
]
