import { access, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { FlotillaError } from '@flotilla/model/errors'
import { asEverybodyReads, asKubernetesReads } from '@flotilla/model/yaml'
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
  const configs = await readFiles(io, options.file)
  const names = configs.map(({ path }) => path).join(', ')
  const contextName = options.context ?? firstOf(configs, ({ config }) => textOf(config['current-context']))
  if (contextName === undefined) throw new UsageError(`${names} has no current context; name one with --kube-context`)
  const context = fieldsOf(named(configs, 'contexts', contextName).item['context'])
  const clusterName = textOf(context['cluster']) ?? ''
  const userName = textOf(context['user']) ?? ''
  const foundCluster = named(configs, 'clusters', clusterName)
  const cluster = await inlineFiles(fieldsOf(foundCluster.item['cluster']), foundCluster.base)
  const foundUser = named(configs, 'users', userName)
  const user = await inlineUser(io, fieldsOf(foundUser.item['user']), foundUser.base, options.consent, cluster)
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': contextName,
      clusters: [{ name: clusterName, cluster }],
      users: [{ name: userName, user }],
      contexts: [{ name: contextName, context: { cluster: clusterName, user: userName } }],
    },
    asEverybodyReads,
  )
}

interface ConfigFile {
  readonly path: string
  /** What its paths are relative to. */
  readonly base: string
  readonly config: Fields
}

const mostFiles = 50

/** The file that is named, or those of KUBECONFIG in their order, of which some may be missing, or ~/.kube/config. */
async function readFiles(io: Io, file: string | undefined): Promise<ConfigFile[]> {
  const read = async (path: string, text: string, base: string): Promise<ConfigFile> => ({
    path,
    base,
    config: fieldsOf(parseYaml(text, path)),
  })
  if (file === '-') return [await read('standard input', await io.readStdin(), io.cwd)]
  const listed = file === undefined ? (io.env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '') : []
  if (listed.length > mostFiles) throw new UsageError(`KUBECONFIG names more than ${mostFiles} files`)
  const paths = listed.length > 0 ? listed : [file ?? join(io.env['HOME'] ?? homedir(), '.kube', 'config')]
  const found: ConfigFile[] = []
  for (const path of paths) {
    const full = resolve(io.cwd, path)
    if (paths.length > 1 && !(await exists(full))) continue
    found.push(await read(path, await readText(full), dirname(full)))
  }
  if (found.length === 0) throw new UsageError(`none of the files in KUBECONFIG is there: ${paths.join(', ')}`)
  return found
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

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
    return parse(text, { ...asKubernetesReads, maxAliasCount: 10 })
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
    delete fields[from]
    // what stands in the file itself wins, as for kubectl
    if (path === undefined || textOf(fields[to]) !== undefined) continue
    fields[to] = Buffer.from(await readText(resolve(base, path))).toString('base64')
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

/** As kubectl has it: of entries with one name the first counts, and paths are relative to the file that names them. */
function named(
  files: readonly ConfigFile[],
  list: 'contexts' | 'clusters' | 'users',
  name: string,
): { item: Fields; base: string } {
  const found = firstOf(files, ({ config, base }) => {
    const items: unknown = config[list]
    const item: unknown = Array.isArray(items) ? items.find((one) => fieldsOf(one)['name'] === name) : undefined
    return item === undefined ? undefined : { item: fieldsOf(item), base }
  })
  if (found !== undefined) return found
  throw new UsageError(`${files.map(({ path }) => path).join(', ')} has no ${list.slice(0, -1)} ${name}`)
}

function firstOf<T>(files: readonly ConfigFile[], pick: (file: ConfigFile) => T | undefined): T | undefined {
  for (const file of files) {
    const found = pick(file)
    if (found !== undefined) return found
  }
  return undefined
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
