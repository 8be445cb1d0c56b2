/** Longest text of one line; the rest is cut and counted. */
export const longestLine = 16 * 1024

export interface SplitLine {
  readonly at: string | undefined
  readonly text: string
  readonly cut: number
}

const timestamp = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})) /

/** Lines of a container's log (`timestamps=true`) from bytes in any pieces; a line of any length takes bounded memory. */
export class LogSplitter {
  readonly #decoder = new TextDecoder()
  #rest = ''
  #cut = 0

  push(bytes: Uint8Array): SplitLine[] {
    return this.#split(this.#decoder.decode(bytes, { stream: true }))
  }

  end(): SplitLine[] {
    const lines = this.#split(this.#decoder.decode())
    if (this.#rest !== '') lines.push(this.#line(''))
    return lines
  }

  #split(text: string): SplitLine[] {
    const lines: SplitLine[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      lines.push(this.#line(text.slice(start, end)))
      start = end + 1
    }
    this.#keep(text.slice(start))
    return lines
  }

  #keep(text: string): void {
    const room = Math.max(0, longestLine + 64 - this.#rest.length)
    this.#rest += text.slice(0, room)
    this.#cut += Math.max(0, text.length - room)
  }

  #line(end: string): SplitLine {
    this.#keep(end)
    const whole = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest
    const at = timestamp.exec(whole)?.[1]
    const text = at === undefined ? whole : whole.slice(at.length + 1)
    const line = { at, text: text.slice(0, longestLine), cut: this.#cut + Math.max(0, text.length - longestLine) }
    this.#rest = ''
    this.#cut = 0
    return line
  }
}
