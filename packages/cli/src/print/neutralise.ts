/* eslint-disable no-control-regex -- control characters are what is looked for */

/** C0 without tab and line feed, DEL, C1, and marks that turn the direction of text around. */
const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from elsewhere, made harmless for a terminal: what would steer it is shown instead. Lines stay lines. */
export function neutralise(text: string): string {
  return text.replace(dangerous, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

/** As `neutralise`, on one line. */
export function neutraliseLine(text: string): string {
  return neutralise(text.replaceAll('\r\n', '\n')).replace(/[\n\t]+/g, ' ')
}
