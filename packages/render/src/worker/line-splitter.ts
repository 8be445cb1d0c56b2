/** Cuts a byte stream into lines; a line is decoded once it is whole, so no character is ever cut. */
export class LineSplitter {
  readonly #onLine: (line: string) => void
  #parts: Buffer[] = []

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.#parts.push(chunk.subarray(from, at))
      const line = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts)
      this.#parts = []
      from = at + 1
      if (line !== undefined) this.#onLine(line.toString('utf8'))
    }
    if (from < chunk.length) this.#parts.push(chunk.subarray(from))
  }
}
