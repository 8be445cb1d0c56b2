import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ClusterAuth } from './connection.ts'
import {
  authOf,
  checkToken,
  clusterFields,
  connectionOf,
  neverInCluster,
  neverInUser,
  refuseFields,
  userFields,
  type KubeconfigOptions,
  type ParsedKubeconfig,
} from './kubeconfig.ts'
import { join, refused, selectContext, textOf, type Section } from './kubeconfig-document.ts'
import { checkCertificates, pemFromBase64 } from './pem.ts'

const maxFileBytes = 1024 * 1024
/** Renewed tokens appear in their file; Kubernetes' own clients look once a minute too. */
const tokenFreshMs = 60_000

/**
 * Takes the kubeconfig of the operator who runs this process, read as YAML: file paths are read, relative to `baseDir`. Programs
 * (`exec`) are still not run; the remedy says how to get a token instead. Never for a file that came from elsewhere.
 */
export async function parseTrustedKubeconfig(
  document: unknown,
  baseDir: string,
  options: KubeconfigOptions = {},
): Promise<ParsedKubeconfig> {
  const { context, namespace, cluster, user } = selectContext(document, options.context)
  refuseFields(cluster, neverInCluster, [...clusterFields, 'certificate-authority'])
  refuseFields(user, neverInUser, [...userFields, 'client-certificate', 'client-key', 'tokenFile'])
  const ca = await pemOf(cluster, 'certificate-authority', baseDir)
  const connection = {
    ...connectionOf(cluster, options),
    ...(ca !== undefined && { caPem: checkCertificates(join(cluster.path, 'certificate-authority'), ca) }),
    auth: await readAuth(user, baseDir),
  }
  return { connection, context, namespace }
}

async function readAuth(user: Section, baseDir: string): Promise<ClusterAuth> {
  const tokenFile = textOf(user, 'tokenFile')
  if (tokenFile !== undefined && textOf(user, 'token') === undefined) {
    const field = join(user.path, 'tokenFile')
    const token = tokenFromFile(field, resolve(baseDir, tokenFile))
    await token()
    return { kind: 'token', token }
  }
  return authOf(user, {
    fields: { cert: join(user.path, 'client-certificate'), key: join(user.path, 'client-key') },
    token: textOf(user, 'token'),
    certPem: await pemOf(user, 'client-certificate', baseDir),
    keyPem: await pemOf(user, 'client-key', baseDir),
  })
}

/** The content of `NAME-data`, or of the file that `NAME` points to. */
async function pemOf(section: Section, name: string, baseDir: string): Promise<string | undefined> {
  const data = textOf(section, `${name}-data`)
  if (data !== undefined && data !== '') return pemFromBase64(join(section.path, `${name}-data`), data)
  const path = textOf(section, name)
  return path === undefined ? undefined : readSmall(join(section.path, name), resolve(baseDir, path))
}

function tokenFromFile(field: string, path: string): () => Promise<string> {
  let current: { token: string; at: number } | undefined
  return async () => {
    if (current === undefined || Date.now() - current.at > tokenFreshMs) {
      current = { token: checkToken(field, (await readSmall(field, path)).trim()), at: Date.now() }
    }
    return current.token
  }
}

async function readSmall(field: string, path: string): Promise<string> {
  try {
    await using file = await open(path, 'r')
    const buffer = Buffer.alloc(maxFileBytes + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    if (bytesRead <= maxFileBytes) return buffer.toString('utf8', 0, bytesRead)
  } catch {
    throw refused(field, 'the file cannot be read', 'Check the path and who may read it.')
  }
  throw refused(field, 'the file is too large', 'Point it to the right file.')
}
