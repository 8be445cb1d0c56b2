export const longestLog = 1024 * 1024
/** The line above a log that was cut. */
const longestNotice = 128
/** A line that is longer is cut in its middle. */
const longestLine = 4096

/** A log that fits: its last part, from the beginning of a line, below a line that says how much is gone. */
export function keepEndOfLog(text: string, most = longestLog): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= most) return text
  let start = bytes.length - (most - longestNotice)
  const line = bytes.subarray(start - 1, start - 1 + longestLine).indexOf('\n')
  if (line >= 0) start += line
  // not within a character
  else while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return `[Flotilla dropped ${start} bytes above: of a log the last ${most} are kept]\n${bytes.subarray(start).toString()}`
}
