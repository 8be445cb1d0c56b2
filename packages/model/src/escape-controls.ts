/** JSON.stringify leaves DEL, C1 and direction marks as they are; escaped they mean the same. */
export function escapeControls(json: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return json.replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
