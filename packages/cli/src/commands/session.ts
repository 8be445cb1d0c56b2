import { readFile, rm } from 'node:fs/promises'
import { createApiClient } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { roleText } from '../print/role-text.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { checkServer, connect, trustAuthority } from '../settings/connect.ts'
import { keptTokenPath } from '../settings/kept-token.ts'
import { readSettings, settingsPath, writeSettings } from '../settings/settings-file.ts'

export interface LoginOptions {
  readonly username?: string
  readonly passwordStdin?: boolean
  readonly name?: string
  readonly ca?: string
  readonly allowHttp?: boolean
}

export async function login(io: Io, address: string, options: LoginOptions): Promise<void> {
  const server = checkServer(address)
  const { hostname, protocol, host } = new URL(server)
  if (protocol === 'http:' && !isLoopback(hostname) && options.allowHttp !== true)
    throw new UsageError(`${server} would send the password unencrypted; use https, or add --allow-http`)
  const ca = options.ca === undefined ? undefined : await readFile(options.ca, 'utf8')
  await trustAuthority(ca)
  const username = options.username ?? (await askFor(io, 'Name: ', '--username'))
  const password =
    options.passwordStdin === true
      ? (await io.readStdin()).replace(/\r?\n$/, '')
      : await askFor(io, 'Password: ', '--password-stdin', true)
  const api = createApiClient({ baseUrl: server })
  const session = await api.session.signIn({ body: { username, password, kind: 'cli' }, signal: io.signal })
  const settings = await readSettings(io)
  const name = options.name ?? host
  const context = { server, user: username, token: session.token ?? '', ...(ca === undefined ? {} : { ca }) }
  await writeSettings(io, { current: name, contexts: { ...settings.contexts, [name]: context } })
  io.out(`Signed in to ${server} as ${username} (context ${name}), until ${session.expiresAt}\n`)
  if (session.mustChangePassword) io.out('This password was set by somebody else. Change it first: flotilla passwd\n')
}

export async function logout(io: Io, options: { readonly context?: string }): Promise<void> {
  const { api, name, context } = await connect(io, options.context)
  try {
    await api.session.signOut({ signal: io.signal })
  } finally {
    // also when the server is gone: the tokens are of no use here any more
    await rm(keptTokenPath(io, context), { force: true })
    const settings = await readSettings(io)
    const { [name]: _gone, ...contexts } = settings.contexts
    const [next] = Object.keys(contexts)
    await writeSettings(io, {
      contexts,
      ...(settings.current === name ? { current: next } : { current: settings.current }),
    })
  }
  io.out(`Signed out of ${name}\n`)
}

export async function whoami(
  io: Io,
  options: { readonly context?: string; readonly output: OutputForm },
): Promise<void> {
  const { api, name, context } = await connect(io, options.context)
  const session = await api.session.get({ signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, session)
  const roles = session.person.roles.map(roleText)
  io.out(
    table(
      io,
      ['NAME', 'ROLES', 'SERVER', 'CONTEXT', 'UNTIL'],
      [[session.person.name, roles.join(', '), context.server, name, session.expiresAt]],
    ),
  )
}

export async function passwd(io: Io, options: { readonly context?: string }): Promise<void> {
  const { api } = await connect(io, options.context)
  const currentPassword = await askFor(io, 'Current password: ', 'a terminal', true)
  const newPassword = await askFor(io, 'New password: ', 'a terminal', true)
  if ((await askFor(io, 'New password again: ', 'a terminal', true)) !== newPassword)
    throw new UsageError('the two are not equal; nothing was changed')
  await api.session.changePassword({ body: { currentPassword, newPassword }, signal: io.signal })
  io.out('The password was changed; every other session of yours has ended\n')
}

export async function listContexts(io: Io): Promise<void> {
  const settings = await readSettings(io)
  const rows = Object.entries(settings.contexts).map(([name, { server, user }]) => [
    name === settings.current ? '*' : ' ',
    name,
    server,
    user,
  ])
  io.out(
    rows.length === 0
      ? `No context; they are kept in ${settingsPath(io)}\n`
      : table(io, ['', 'NAME', 'SERVER', 'USER'], rows),
  )
}

export async function useContext(io: Io, name: string): Promise<void> {
  const settings = await readSettings(io)
  if (settings.contexts[name] === undefined) throw new UsageError(`there is no context ${name}`)
  await writeSettings(io, { ...settings, current: name })
  io.out(`Now ${name}\n`)
}

async function askFor(io: Io, question: string, instead: string, hidden = false): Promise<string> {
  if (!io.interactive) throw new UsageError(`there is no terminal to ask "${question.trim()}"; use ${instead}`)
  return await io.ask(question, { hidden })
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
