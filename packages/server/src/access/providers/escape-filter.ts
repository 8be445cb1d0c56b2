/** A value within a search filter (RFC 4515, section 3): nothing of it is syntax. */
export function escapeFilter(value: string): string {
  return Array.from(Buffer.from(value.normalize('NFC')), (byte) =>
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x40 ||
    byte === 0x5f
      ? String.fromCharCode(byte)
      : `\\${byte.toString(16).padStart(2, '0')}`,
  ).join('')
}
