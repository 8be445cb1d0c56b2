/** A version as people tell it apart: of a digest, its beginning; everything else as it is. */
export const shortVersion = (version: string): string =>
  version.replace(/^(?:hmac-)?sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1')
