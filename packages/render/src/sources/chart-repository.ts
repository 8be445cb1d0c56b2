import { FlotillaError } from '@flotilla/model'
import { contentDigest } from '../digests.ts'
import { readArchive } from '../archive/read-archive.ts'
import type { ChartRepositorySource, ResolvedSource, SourceCredentials } from '../types.ts'
import { basicAuthorization, type HttpClient, requireSuccess } from './http-client.ts'
import { resolveOciChart } from './oci-source.ts'
import { type FoundChart, maxChartBytes, openHttpClient, type SourceContext } from './source-context.ts'

const maxIndexBytes = 48 * 1024 * 1024

/** A chart from a repository with an index.yaml. Its archive may lie elsewhere; credentials go to the repository's origin only. */
export async function resolveRepositoryChart(
  source: ChartRepositorySource,
  context: SourceContext,
  field: string,
): Promise<ResolvedSource> {
  await using http = openHttpClient(context, `${field}.url`)
  const base = URL.parse(source.url.endsWith('/') ? source.url : `${source.url}/`)
  if (base === null)
    throw new FlotillaError('input.invalid', { message: 'The address is not a URL', field: `${field}.url` })
  const authorization = authorizationOf(context.credentials)
  const found = await findInIndex(source, new URL(`index.yaml${base.search}`, base), http, context, field)
  const address = URL.parse(found.urls[0] ?? '', base.href)
  if (address?.protocol === 'oci:') {
    // The repository's credentials are not the registry's.
    const url = address.href.replace(/(?<=\/[^/]*):[^/]*$/, '')
    return resolveOciChart({ url, version: found.version }, { ...context, credentials: undefined }, field)
  }
  if (address === null || (address.protocol !== 'https:' && address.protocol !== 'http:')) {
    throw new FlotillaError('source.refused', {
      message: `index.yaml gives an address for ${source.name} ${found.version} that is no http(s) URL`,
      field: `${field}.url`,
    })
  }
  const what = `chart ${source.name} ${found.version}`
  const answer = await http.get(address, {
    authorization: address.origin === base.origin ? authorization : undefined,
    maxBytes: maxChartBytes,
    what,
  })
  const { body } = requireSuccess(answer, what, `${field}.url`)
  const digest = contentDigest(body)
  const listed = found.digest.replace(/^sha256:/, '')
  if (listed !== '' && `sha256:${listed}` !== digest) {
    throw new FlotillaError('source.refused', {
      message: `The archive of ${source.name} ${found.version} is another than index.yaml says`,
      field: `${field}.url`,
      value: digest,
    })
  }
  await readArchive(body, context.signal)
  return {
    kind: 'helm',
    format: 'archive',
    digest,
    pinned: `${base.origin}${base.pathname}${source.name}-${found.version}@${digest}`,
    revision: found.version,
    bytes: body,
  }
}

/** Looks a chart up in index.yaml, which is fetched only when it is another than the last time. */
async function findInIndex(
  { name, version }: ChartRepositorySource,
  url: URL,
  http: HttpClient,
  { versions, indexes, credentials }: SourceContext,
  field: string,
): Promise<FoundChart> {
  const authorization = authorizationOf(credentials)
  const known = indexes.known(url, authorization, name, version)
  const get = { authorization, maxBytes: maxIndexBytes, what: 'index.yaml', headers: known?.headers }
  const answer = await http.get(url, get)
  if (answer.status === 304 && known !== undefined) return known.chart
  const index = requireSuccess(answer, 'index.yaml', `${field}.url`)
  return indexes.find({ url, authorization, name, version }, index, () => versions.findChart(index.body, name, version))
}

export function authorizationOf(credentials: SourceCredentials | undefined): string | undefined {
  const auth = credentials?.auth
  if (auth === undefined) return undefined
  return auth.type === 'basic' ? basicAuthorization(auth.username, auth.password) : `Bearer ${auth.token}`
}
