/**
 * Text of strangers (logs, events, names) as text: control characters are shown by their symbols, and the marks that
 * turn the direction of writing lose their power. A tab stays a tab.
 */
export function visibleText(text: string): string {
  let out = ''
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0
    if (code === 9) out += letter
    else if (code < 32) out += String.fromCodePoint(0x24_00 + code)
    else if (code === 127) out += '\u2421'
    else if (code >= 128 && code < 160) out += '\ufffd'
    else if ((code >= 0x20_2a && code <= 0x20_2e) || (code >= 0x20_66 && code <= 0x20_69)) out += '\u2426'
    else out += letter
  }
  return out
}
