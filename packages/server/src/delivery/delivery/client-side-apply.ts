import type { ReleaseSecret } from '@flotilla/render'
import { packPayload, readPayload } from './release-payload.ts'

/**
 * The record with `apply_method: csa`. Plain helm goes on by the method of the release before: by server-side apply it
 * would stop at every field that Flotilla owns, by its three-way patch a plain `helm rollback` or `helm upgrade` works.
 */
export async function withClientSideApply(secret: ReleaseSecret): Promise<ReleaseSecret> {
  const record = await readPayload(secret.data.release)
  const release = await packPayload({ ...record, apply_method: 'csa' })
  return { ...secret, data: { ...secret.data, release } }
}
