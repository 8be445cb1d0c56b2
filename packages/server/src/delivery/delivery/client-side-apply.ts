import { FlotillaError } from '@flotilla/model'
import type { ReleaseSecret } from '@flotilla/render'
import { packPayload, unpackPayload } from './release-payload.ts'

/** The last field of Helm's record, so that only the record itself can end like this: within texts, quotes are escaped. */
const serverSide = Buffer.from('"apply_method":"ssa"}')
const clientSide = Buffer.from('"apply_method":"csa"}')

/**
 * The record with `apply_method: csa`. Plain helm goes on by the method of the release before: by server-side apply it
 * would stop at every field that Flotilla owns, by its three-way patch a plain `helm rollback` or `helm upgrade` works.
 * The rest stays as Helm's library wrote it, unparsed.
 */
export async function withClientSideApply(secret: ReleaseSecret): Promise<ReleaseSecret> {
  const record = await unpackPayload(secret.data.release)
  const at = record.length - serverSide.length
  if (at < 0 || !record.subarray(at).equals(serverSide)) {
    throw new FlotillaError('render.failed', { message: 'The Helm worker wrote a record without its apply method' })
  }
  const release = await packPayload(Buffer.concat([record.subarray(0, at), clientSide]))
  return { ...secret, data: { ...secret.data, release } }
}
