const mostWarnings = 20
/** RFC 9110 quoted-string after code and agent: `299 - "text"`. */
const warning = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g

/** Texts of `Warning` headers as the API server sends them, however they were joined. */
export function parseWarnings(header: string | string[] | undefined): string[] {
  const lines = header === undefined ? [] : [header].flat()
  return lines
    .flatMap((line) => Array.from(line.matchAll(warning), ([, text = '']) => text.replace(/\\(.)/g, '$1')))
    .slice(0, mostWarnings)
}
