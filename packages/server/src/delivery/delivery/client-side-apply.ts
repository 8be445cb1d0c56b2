import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { ReleaseSecret } from '@flotilla/render'
import { isRecord } from '@flotilla/reconcile'

const largestRecord = 32 * 1024 * 1024

/**
 * The record with `apply_method: csa`. Plain helm goes on by the method of the release before: by server-side apply it
 * would stop at every field that Flotilla owns, by its three-way patch a plain `helm rollback` or `helm upgrade` works.
 */
export async function withClientSideApply(secret: ReleaseSecret): Promise<ReleaseSecret> {
  const packed = Buffer.from(Buffer.from(secret.data.release, 'base64').toString('latin1'), 'base64')
  const record: unknown = JSON.parse(
    (await promisify(gunzip)(packed, { maxOutputLength: largestRecord })).toString('utf8'),
  )
  if (!isRecord(record)) return secret
  const again = await promisify(gzip)(Buffer.from(JSON.stringify({ ...record, apply_method: 'csa' }), 'utf8'), {
    level: 9,
  })
  const release = Buffer.from(again.toString('base64'), 'latin1').toString('base64')
  return { ...secret, data: { ...secret.data, release } }
}
