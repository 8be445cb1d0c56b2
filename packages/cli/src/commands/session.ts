import { readFile, rm } from 'node:fs/promises'
import { createApiClient } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { roleText } from '../print/role-text.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { askFor } from './ask-for.ts'
import { checkServer, connect, trustAuthority } from '../settings/connect.ts'
import { keptTokenPath } from '../settings/kept-token.ts'
import { readSettings, settingsPath, writeSettings } from '../settings/settings-file.ts'

export interface LoginOptions {
  readonly username?: string
  readonly passwordStdin?: boolean
  readonly tokenStdin?: boolean
  readonly browser?: boolean
  readonly provider?: string
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
  const name = options.name ?? host
  const keep = async (user: string, token: string): Promise<void> => {
    const settings = await readSettings(io)
    const context = { server, user, token, ...(ca === undefined ? {} : { ca }) }
    await writeSettings(io, { current: name, contexts: { ...settings.contexts, [name]: context } })
  }
  if (options.tokenStdin === true) {
    const token = (await io.readStdin()).trim()
    const { person, expiresAt } = await createApiClient({ baseUrl: server, token }).session.get({ signal: io.signal })
    await keep(person.name, token)
    io.out(`The token works as ${person.name} at ${server} (context ${name}), until ${expiresAt}\n`)
    return
  }
  if (options.browser === true) {
    const { person, token, expiresAt } = await (await import('./browser-login.ts')).browserLogin(io, server)
    await keep(person.name, token ?? '')
    io.out(`Signed in to ${server} as ${person.name} (context ${name}), until ${expiresAt}\n`)
    return
  }
  const username = options.username ?? (await askFor(io, 'Name: ', '--username'))
  const password =
    options.passwordStdin === true
      ? (await io.readStdin()).replace(/\r?\n$/, '')
      : await askFor(io, 'Password: ', '--password-stdin', true)
  const api = createApiClient({ baseUrl: server })
  const session = await api.session.signIn({
    body: {
      username,
      password,
      kind: 'cli',
      ...(options.provider === undefined ? {} : { provider: options.provider }),
    },
    signal: io.signal,
  })
  await keep(username, session.token ?? '')
  io.out(`Signed in to ${server} as ${username} (context ${name}), until ${session.expiresAt}\n`)
  if (session.mustChangePassword) io.out('This password was set by somebody else. Change it first: flotilla passwd\n')
}

export async function logout(io: Io, options: { readonly context?: string }): Promise<void> {
  const { api, name, context } = await connect(io, options.context)
  try {
    // an API token has no session that could end; it is revoked where it was made
    if (!context.token.startsWith('flt_')) await api.session.signOut({ signal: io.signal })
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

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
