import { type ApiClient, createApiClient } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { type Context, readSettings } from './settings-file.ts'

export interface Connected {
  readonly api: ApiClient
  readonly name: string
  readonly context: Context
}

/** The context that a command works in: --context, FLOTILLA_CONTEXT, the current one; or FLOTILLA_SERVER with FLOTILLA_TOKEN. */
export async function connect(io: Io, wanted?: string): Promise<Connected> {
  const context = await chooseContext(io, wanted)
  await trustAuthority(context.context.ca)
  const api = createApiClient({ baseUrl: context.context.server, token: context.context.token })
  return { api, ...context }
}

async function chooseContext(io: Io, wanted: string | undefined): Promise<{ name: string; context: Context }> {
  const server = io.env['FLOTILLA_SERVER']
  const token = io.env['FLOTILLA_TOKEN']
  if (wanted === undefined && server !== undefined && token !== undefined)
    return { name: 'environment', context: { server: checkServer(server), token, user: '' } }
  const settings = await readSettings(io)
  const name = wanted ?? io.env['FLOTILLA_CONTEXT'] ?? settings.current
  const context = name === undefined ? undefined : settings.contexts[name]
  if (name !== undefined && context !== undefined) return { name, context }
  if (wanted !== undefined)
    throw new UsageError(
      `there is no context ${wanted}; there are: ${Object.keys(settings.contexts).join(', ') || 'none'}`,
    )
  throw new FlotillaError('auth.required', {
    message: 'You are not signed in to any server',
    remedy: 'Run: flotilla login https://SERVER',
  })
}

/** An origin, without a path: that the token goes only there is seen at a glance. */
export function checkServer(text: string): string {
  let url: URL
  try {
    url = new URL(text.includes('://') ? text : `https://${text}`)
  } catch {
    throw new UsageError(`${text} is no address; it looks like https://flotilla.example`)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new UsageError(`${text} is neither https nor http`)
  if (url.username !== '' || url.password !== '') throw new UsageError('a password does not belong in the address')
  return url.origin
}

/** From here on this process trusts the authority beside the usual ones. */
export async function trustAuthority(pem: string | undefined): Promise<void> {
  if (pem === undefined) return
  const tls = await import('node:tls')
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), pem])
}
