import { FlotillaError } from '@flotilla/model'
import { comparePaths, normalFolder, type SourceFile, subtree } from '../archive/file-tree.ts'
import { filesDigest, packArchive } from '../archive/pack-archive.ts'
import type { GitSource, ResolvedSource } from '../types.ts'
import { authorizationOf } from './chart-repository.ts'
import { listRemote, readCommit } from './git-command.ts'
import { advertisedRefs } from './git-refs.ts'
import type { GitRemote } from './run-git.ts'
import { openHttpClient, type SourceContext } from './source-context.ts'

/** Files of a Git repository at one commit, without links and submodules. */
export interface GitFiles {
  readonly commit: string
  readonly files: readonly SourceFile[]
  readonly pinned: string
}

const commitPattern = /^[0-9a-f]{40}$/

/** A folder of a repository at the commit that `ref` names now. */
export async function resolveGitFolder(
  source: GitSource,
  kind: 'kustomize' | 'manifests',
  path: string,
  context: SourceContext,
  field: string,
): Promise<ResolvedSource> {
  // a kustomization may reach for anything in its repository
  const { commit, files, pinned } = await fetchGitFiles(source, kind === 'manifests' ? path : '', context, field)
  const kept = kind === 'manifests' ? subtree(files, path) : [...files]
  if (kept.length === 0 || (kind === 'kustomize' && subtree(files, path).length === 0))
    throw noFolder(path, commit, field)
  return {
    kind,
    format: 'archive',
    digest: filesDigest(kept),
    pinned: path === '' ? pinned : `${pinned}:${path}`,
    revision: commit,
    bytes: await packArchive(kept, 'source'),
    ...(kind === 'kustomize' ? { path } : {}),
  }
}

/**
 * A folder of a repository (empty: all of it) at the commit that `ref` names now; paths are those of the repository.
 * Errors: `input.*`, `source.*`, `address.refused`.
 */
export async function fetchGitFiles(
  source: GitSource,
  folder: string,
  context: SourceContext,
  field: string,
): Promise<GitFiles> {
  const url = parseGitUrl(source.url, context, `${field}.url`)
  const ref = parseRef(source.ref ?? 'HEAD', `${field}.ref`)
  if (source.path !== undefined) parseFolder(source.path, `${field}.path`)
  const { remote, commit } = await openRemote(url, ref, context, field)
  const files = await readCommit(context.commits, remote, commit ?? ref, folder, context.signal, field)
  return {
    commit: files.commit,
    files: files.files.sort((a, b) => comparePaths(a.path, b.path)),
    pinned: `${url.href}@${files.commit}`,
  }
}

/** Asks the remote, over a checked connection, where it really is and which commit the ref names. */
async function openRemote(
  url: URL,
  ref: string,
  context: SourceContext,
  field: string,
): Promise<{ remote: GitRemote; commit: string | undefined }> {
  if (url.protocol === 'file:') {
    const remote: GitRemote = { url: url.href, resolve: undefined, authorization: undefined, ca: undefined }
    return { remote, commit: commitPattern.test(ref) ? ref : await listRemote(remote, ref, context.signal, field) }
  }
  await using http = openHttpClient(context, `${field}.url`)
  const authorization = authorizationForGit(context)
  const found = await advertisedRefs(http, url, authorization, `${field}.url`)
  const pinned = await context.guard.pin(found.url, `${field}.url`, context.signal)
  const addresses = pinned.addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address))
  const remote: GitRemote = {
    url: found.url.href,
    resolve: `${pinned.host}:${pinned.port}:${addresses.join(',')}`,
    authorization: found.url.origin === url.origin ? authorization : undefined,
    ca: context.credentials?.ca,
  }
  if (commitPattern.test(ref)) return { remote, commit: ref }
  const commit = found.commitOf(ref)
  if (commit === undefined) {
    throw new FlotillaError('source.not_found', {
      message: `The repository has no branch or tag ${ref}`,
      field: `${field}.ref`,
      value: ref,
    })
  }
  return { remote, commit }
}

/** Git hosts take a token as the password of any user. */
function authorizationForGit(context: SourceContext): string | undefined {
  const auth = context.credentials?.auth
  if (auth?.type !== 'bearer') return authorizationOf(context.credentials)
  return authorizationOf({ auth: { type: 'basic', username: 'oauth2', password: auth.token } })
}

const overHttps =
  'Write https://host/path; for a private repository name a Credential with a token, or with username and password'

export function parseGitUrl(text: string, context: Pick<SourceContext, 'allowFileGit'>, field: string): URL {
  const refuse = (why: string, remedy?: string): never => {
    throw new FlotillaError('source.refused', { message: `The address of the repository ${why}`, remedy, field })
  }
  if (/[\p{Cc} ]/u.test(text)) refuse('holds spaces or control characters')
  if (text.startsWith('-')) refuse('starts with "-"')
  if (/^[a-z0-9+.-]+::/i.test(text)) refuse('names a transport helper')
  const url = URL.parse(text)
  if (/^[^/@\s]+@[^:/\s]+:/.test(text)) refuse('is that of ssh', overHttps)
  if (url === null) return refuse('is not a URL', 'Write https://host/path')
  if (url.protocol === 'file:' && context.allowFileGit) return url
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`has the scheme ${url.protocol}`, overHttps)
  if (url.username !== '' || url.password !== '') refuse('holds a user name or password', 'Use a Credential')
  if (url.search !== '' || url.hash !== '') refuse('holds a query or fragment')
  return url
}

export function parseRef(ref: string, field: string): string {
  // git check-ref-format, and never an option, a range or a refspec.
  const fits =
    /^[\w@+#%,/.-][\w@+#%,/. =-]*$/.test(ref) &&
    !/^[-/.]|\.\.|@\{|\/\/|\/$|\.$|\.lock$|\/\.| /.test(ref) &&
    ref.length <= 255
  if (fits) return ref
  throw new FlotillaError('source.refused', {
    message: 'Not a branch, tag or commit',
    remedy: 'Name a branch or tag as `git branch` shows it, or 40 hexadecimal digits',
    field,
    value: JSON.stringify(ref),
  })
}

/** Gives the folder in normal form; the root is empty. */
export function parseFolder(path: string, field: string): string {
  const bad = /[\p{Cc}\\]/u.test(path) || path.startsWith('/') || path.startsWith('-') || path.split('/').includes('..')
  if (!bad) return normalFolder(path)
  throw new FlotillaError('source.refused', {
    message: 'Not a relative folder',
    remedy: 'Write a path such as deploy/base, without "..", "-" at its start, or control characters',
    field,
    value: JSON.stringify(path),
  })
}

export function noFolder(path: string, commit: string, field: string): FlotillaError {
  return new FlotillaError('source.not_found', {
    message: `The repository has no files in ${path === '' ? 'its root' : path} at ${commit.slice(0, 12)}`,
    field: `${field}.path`,
    value: path,
  })
}
