import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { FlotillaError } from '@flotilla/model/errors'
import { parse, stringify } from 'yaml'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { runExecPlugin } from './run-exec-plugin.ts'

type Fields = Record<string, unknown>

const mostBytes = 1024 * 1024

/**
 * One context of the person's own kubeconfig, with everything inline: files are read here, and a program that gives the
 * credentials runs here, after the person agreed. The server takes neither.
 */
export async function resolveKubeconfig(
  io: Io,
  options: { readonly file: string | undefined; readonly context: string | undefined; readonly consent: boolean },
): Promise<string> {
  const fromStdin = options.file === '-'
  const path =
    options.file ?? io.env['KUBECONFIG']?.split(':')[0] ?? join(io.env['HOME'] ?? homedir(), '.kube', 'config')
  const text = fromStdin ? await io.readStdin() : await readText(resolve(io.cwd, path))
  const base = fromStdin ? io.cwd : dirname(resolve(io.cwd, path))
  const config = fieldsOf(parseYaml(text, path))
  const contextName = options.context ?? textOf(config['current-context'])
  if (contextName === undefined || contextName === '')
    throw new UsageError(`${path} has no current context; name one with --kube-context`)
  const context = fieldsOf(named(config['contexts'], contextName, 'context', path)['context'])
  const clusterName = textOf(context['cluster']) ?? ''
  const userName = textOf(context['user']) ?? ''
  const cluster = await inlineFiles(fieldsOf(named(config['clusters'], clusterName, 'cluster', path)['cluster']), base)
  const userGiven = fieldsOf(named(config['users'], userName, 'user', path)['user'])
  const user = await inlineUser(io, userGiven, base, options.consent, cluster)
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contextName,
    clusters: [{ name: clusterName, cluster }],
    users: [{ name: userName, user }],
    contexts: [{ name: contextName, context: { cluster: clusterName, user: userName } }],
  })
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    if (bytes.length > mostBytes) throw new UsageError(`${path} is larger than a kubeconfig ever is`)
    return bytes.toString('utf8')
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown
    throw new UsageError(`${path} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 10 })
  } catch (thrown) {
    throw new UsageError(`${path} is no YAML: ${thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : ''}`)
  }
}

/** Fields that name files, and where their bytes go. */
const files = [
  ['certificate-authority', 'certificate-authority-data'],
  ['client-certificate', 'client-certificate-data'],
  ['client-key', 'client-key-data'],
] as const

async function inlineFiles(given: Fields, base: string): Promise<Fields> {
  const fields = { ...given }
  for (const [from, to] of files) {
    const path = textOf(fields[from])
    if (path === undefined) continue
    fields[to] = Buffer.from(await readText(resolve(base, path))).toString('base64')
    delete fields[from]
  }
  return fields
}

async function inlineUser(io: Io, given: Fields, base: string, consent: boolean, cluster: Fields): Promise<Fields> {
  if (given['auth-provider'] !== undefined)
    throw new FlotillaError('kubeconfig.refused', {
      message: 'The kubeconfig signs in with an auth-provider, which kubectl itself has given up',
      field: 'users[].user.auth-provider',
      remedy: 'Use a kubeconfig with a token or a client certificate, of a service account for instance',
    })
  const { exec, tokenFile, ...rest } = await inlineFiles(given, base)
  const path = textOf(tokenFile)
  if (path !== undefined) rest['token'] = (await readText(resolve(base, path))).trim()
  if (exec === undefined) return rest
  const { token, clientCertificateData, clientKeyData, expires } = await runExecPlugin(
    io,
    fieldsOf(exec),
    consent,
    cluster,
  )
  if (expires !== undefined)
    io.err(
      `The credentials end at ${expires}; Flotilla is cut off then. Better: a service account's token without an end.\n`,
    )
  return {
    ...rest,
    ...(token === undefined ? {} : { token }),
    ...(clientCertificateData === undefined ? {} : { 'client-certificate-data': toBase64(clientCertificateData) }),
    ...(clientKeyData === undefined ? {} : { 'client-key-data': toBase64(clientKeyData) }),
  }
}

const toBase64 = (text: string): string => Buffer.from(text).toString('base64')

function named(list: unknown, name: string, what: string, path: string): Fields {
  const found: unknown = Array.isArray(list) ? list.find((item) => fieldsOf(item)['name'] === name) : undefined
  if (found === undefined) throw new UsageError(`${path} has no ${what} ${name}`)
  return fieldsOf(found)
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
