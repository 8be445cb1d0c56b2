import type { Log } from '@flotilla/engine'
import { asFlotillaError } from '@flotilla/model'
import type { KeyedCertificate } from './make-certificate.ts'

export interface CertificateSource {
  readonly certificate: KeyedCertificate
  /** What is to be presented from now on. */
  renew(): Promise<KeyedCertificate>
}

/** Looks every so often, and hands on what is new; what is not usable is said, and the one before stays. */
export function keepRenewed(
  source: CertificateSource,
  present: (certificate: KeyedCertificate) => void,
  { everyMs, log }: { readonly everyMs: number; readonly log: Log },
): NodeJS.Timeout {
  let { cert, key } = source.certificate
  const renew = async (): Promise<void> => {
    const next = await source.renew()
    if (next.cert === cert && next.key === key) return
    present({ cert: next.cert, key: next.key })
    ;({ cert, key } = next)
    log.info('certificate renewed')
  }
  return setInterval(() => {
    renew().catch((thrown: unknown) => {
      const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : asFlotillaError(thrown).message
      log.warn('certificate not renewed', { reason })
    })
  }, everyMs).unref()
}
