import { connect, isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { FlotillaError } from '@flotilla/model'
import { pinnedLookup } from '@flotilla/render'
import type { Client, Entry } from 'ldapts'
import {
  type ConnectorParts,
  type ExternalPerson,
  type PasswordConnector,
  refused,
  secretOf,
  settingsOf,
} from './connector.ts'
import { escapeFilter } from './escape-filter.ts'
import { readPerson } from './read-person.ts'

const timeoutMs = 10_000
const mostFound = 500

/**
 * LDAP (RFC 4511): an account looks the person up, then their own bind proves the password. Nothing is said before the
 * connection is encrypted (LDAPS, or StartTLS), and its certificate is checked.
 */
export function ldapConnector(parts: ConnectorParts): PasswordConnector {
  const { provider, guard } = parts
  const { name } = provider.metadata
  const settings = settingsOf(provider, provider.spec.ldap)
  const url = new URL(settings.url)
  const host = url.hostname.replace(/^\[|\]$/g, '')

  /** An encrypted connection on which nobody is signed in yet. */
  async function open<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { Client } = await import('ldapts')
    const lookup = pinnedLookup(await guard.pin(url, 'spec.ldap.url'))
    const { ca } = provider.spec
    const tls: ConnectionOptions = {
      lookup,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
      // a certificate for an address is checked against it as `host`
      ...(isIP(host) === 0 ? { servername: host } : { host }),
    }
    const client = new Client({
      url: settings.url,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      ...(url.protocol === 'ldaps:'
        ? { tlsOptions: tls }
        : { createConnection: ((port: number, at: string) => connect({ port, host: at, lookup })) as typeof connect }),
    })
    try {
      if (url.protocol === 'ldap:') await client.startTLS(tls)
      return await work(client)
    } catch (thrown) {
      throw asError(name, thrown)
    } finally {
      await client.unbind().catch(() => undefined)
    }
  }

  async function asAccount<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return await open(async (client) => {
      if (!(await isAccepted(client, settings.bindDn, secretOf(parts))))
        throw new FlotillaError('input.invalid', {
          message: `${name} does not accept the account that looks people up`,
          remedy: `Check bindDn, and the secret: flotilla provider secret ${name}`,
          field: 'spec.ldap.bindDn',
        })
      return await work(client)
    })
  }

  async function findPerson(client: Client, username: string): Promise<Entry | undefined> {
    const { searchEntries } = await client.search(settings.userBase, {
      scope: 'sub',
      filter: settings.userFilter.replaceAll('{name}', escapeFilter(username)),
      attributes: [
        settings.subjectAttribute,
        settings.nameAttribute,
        settings.emailAttribute,
        ...(settings.memberOfAttribute === undefined ? [] : [settings.memberOfAttribute]),
      ],
      // an id may be bytes, as objectGUID is
      explicitBufferAttributes: [settings.subjectAttribute],
      sizeLimit: 2,
      timeLimit: timeoutMs / 1000,
    })
    if (searchEntries.length > 1) throw refused(name, 'several people are called so')
    return searchEntries[0]
  }

  async function groupsOf(client: Client, entry: Entry, username: string): Promise<string[]> {
    const { memberOfAttribute, groupBase } = settings
    if (memberOfAttribute !== undefined) return textsOf(entry[memberOfAttribute])
    if (groupBase === undefined) return []
    const filter = settings.groupFilter
      .replaceAll('{dn}', () => escapeFilter(entry.dn))
      .replaceAll('{name}', () => escapeFilter(username))
    const { searchEntries } = await client.search(groupBase, {
      scope: 'sub',
      filter,
      attributes: [settings.groupNameAttribute],
      sizeLimit: mostFound,
      timeLimit: timeoutMs / 1000,
    })
    return searchEntries.flatMap((group) => textsOf(group[settings.groupNameAttribute]))
  }

  return {
    form: 'password',
    check: async (username, password): Promise<ExternalPerson | undefined> => {
      // a bind with no password succeeds for anybody (RFC 4513, section 5.1.2)
      if (password === '' || username === '') return undefined
      const found = await asAccount(async (client) => {
        const entry = await findPerson(client, username)
        return entry === undefined ? undefined : { entry, groups: await groupsOf(client, entry, username) }
      })
      if (found === undefined || found.entry.dn === '') return undefined
      const { entry, groups } = found
      if (!(await open((client) => isAccepted(client, entry.dn, password)))) return undefined
      return readPerson(name, {
        subject: idOf(entry[settings.subjectAttribute]),
        name: textsOf(entry[settings.nameAttribute])[0],
        email: textsOf(entry[settings.emailAttribute])[0],
        groups,
      })
    },
    probe: () =>
      asAccount(async (client) => {
        await client.search(settings.userBase, { scope: 'base', attributes: ['1.1'], sizeLimit: 1 })
      }),
  }
}

/** Whether the directory takes the password; a locked or expired account is none. */
async function isAccepted(client: Client, dn: string, password: string): Promise<boolean> {
  const { InvalidCredentialsError, ResultCodeError } = await import('ldapts')
  try {
    await client.bind(dn, password)
    return true
  } catch (thrown) {
    if (thrown instanceof InvalidCredentialsError) return false
    // unwillingToPerform, constraintViolation and the like: directories answer so for accounts that may not sign in
    if (thrown instanceof ResultCodeError && [19, 48, 50, 53].includes(thrown.code)) return false
    throw thrown
  }
}

type Value = Entry[string]

function textsOf(value: Value | undefined): string[] {
  if (value === undefined) return []
  const all: readonly (string | Buffer)[] = Array.isArray(value) ? value : [value]
  return all.map((one) => one.toString())
}

/** An id in text as it is, in bytes as hex. */
function idOf(value: Value | undefined): string | undefined {
  const one = Array.isArray(value) ? value[0] : value
  if (one === undefined || typeof one === 'string') return one
  const text = one.toString('latin1')
  return /^[\x21-\x7e][\x20-\x7e]*$/.test(text) ? text : one.toString('hex')
}

function asError(provider: string, thrown: unknown): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  const why =
    typeof code === 'string'
      ? code
      : typeof code === 'number'
        ? `LDAP result ${code}`
        : thrown instanceof Error
          ? thrown.message.slice(0, 200)
          : 'it cannot be read'
  return new FlotillaError('provider.unreachable', {
    message: `${provider} does not answer as it should: ${why}`,
    remedy: 'Check its address, its certificate (spec.ca) and what is searched',
    field: 'spec.ldap',
    cause: thrown,
  })
}
