import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { AccessAnswer, AccessQuestion, Password, SessionView, SignedIn, SignIn } from '../shapes/session.ts'
import { Name } from '../shapes/wire.ts'
import { anybody, needs, signedIn } from './rights.ts'

const Done = z.object({ done: z.literal(true) })

export const sessionRoutes = [
  defineRoute('meta.get', {
    summary: 'What this server is',
    params: undefined,
    query: undefined,
    body: undefined,
    result: z.object({ product: z.literal('flotilla'), version: z.string(), signIn: z.array(z.enum(['password'])) }),
    errors: [],
    rights: anybody('the sign-in page and the command line ask before anybody is signed in'),
  }),
  defineRoute('session.signIn', {
    summary: 'Sign in with a password',
    params: undefined,
    query: undefined,
    body: SignIn,
    result: SignedIn,
    errors: ['auth.failed', 'auth.locked', 'request.csrf'],
    rights: anybody('nobody is signed in yet; failures lock the account and the address for a while'),
    status: 201,
    maxBodyBytes: 8 * 1024,
  }),
  defineRoute('session.get', {
    summary: 'Who am I',
    params: undefined,
    query: undefined,
    body: undefined,
    result: SessionView,
    errors: [],
    rights: signedIn('shows the caller themselves'),
  }),
  defineRoute('session.signOut', {
    summary: 'End this session',
    params: undefined,
    query: undefined,
    body: undefined,
    result: Done,
    errors: [],
    rights: signedIn("ends the caller's own session"),
  }),
  defineRoute('session.grantCommandLine', {
    summary: 'A code by which the command line of this machine signs in as me; good for a minute, once',
    params: undefined,
    query: undefined,
    body: z.object({
      challenge: z
        .string()
        .regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 in base64url')
        .describe('SHA-256 of what the command line alone knows'),
    }),
    result: z.object({ code: z.string() }),
    errors: ['auth.forbidden'],
    rights: signedIn("opens another session of the caller's own"),
    status: 201,
    maxBodyBytes: 8 * 1024,
  }),
  defineRoute('session.redeemCommandLine', {
    summary: 'Sign the command line in with such a code',
    params: undefined,
    query: undefined,
    body: z.object({ code: z.string().min(1).max(4096), verifier: z.string().regex(/^[A-Za-z0-9_-]{43,128}$/) }),
    result: SignedIn,
    errors: ['auth.failed', 'auth.locked'],
    rights: anybody('the code and what only the command line knows are the proof'),
    status: 201,
    maxBodyBytes: 8 * 1024,
  }),
  defineRoute('session.changePassword', {
    summary: 'Change my password; every other session of mine ends',
    params: undefined,
    query: undefined,
    body: z.object({ currentPassword: z.string().min(1).max(1024), newPassword: Password }),
    result: Done,
    errors: ['auth.failed', 'auth.locked'],
    rights: signedIn("changes the caller's own password, and asks for the current one"),
    maxBodyBytes: 8 * 1024,
  }),
  defineRoute('access.check', {
    audited: 'never',
    summary: 'Ask what I may do, so that a screen can say why something is disabled',
    params: undefined,
    query: undefined,
    body: z.object({ questions: z.array(AccessQuestion).min(1).max(50) }),
    result: z.object({ answers: z.array(AccessAnswer).describe('In the order of the questions') }),
    errors: [],
    rights: signedIn("asks the host's authorizer about the caller"),
  }),
  defineRoute('users.setPassword', {
    audited: 'before',
    summary: 'Give a person a password; they change it when they first sign in',
    params: z.object({ user: Name }),
    query: undefined,
    body: z.object({ password: Password, mustChange: z.boolean().default(true) }),
    result: Done,
    errors: ['request.not_found'],
    rights: needs('update', 'users', 'cluster'),
    maxBodyBytes: 8 * 1024,
  }),
]
