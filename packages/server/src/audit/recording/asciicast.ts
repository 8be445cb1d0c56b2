import { StringDecoder } from 'node:string_decoder'
import type { AsciicastEvent, AsciicastHeader } from '@flotilla/api'
import { escapeControls } from '@flotilla/model/escape-controls'

/** Writes asciicast v2 (docs.asciinema.org/manual/asciicast/v2): a header, then one event per line, in order. */
export interface AsciicastWriter {
  output(bytes: Buffer): string
  input(bytes: Buffer): string
  resize(columns: number, rows: number): string
  /** Something that is worth finding again. */
  marker(words: string): string
  /** What is left of letters that came in pieces. */
  end(): string
}

export const headerLine = (header: AsciicastHeader): string => `${lineOf(header)}\n`

/** As the command line writes it, so that the digest in the audit is that of the file. */
const lineOf = (value: AsciicastHeader | AsciicastEvent): string => escapeControls(JSON.stringify(value))

/** `elapsed` gives milliseconds since the shell began. Texts are UTF-8; what is none is shown as such. */
export function createAsciicast(elapsed: () => number): AsciicastWriter {
  const shown = new StringDecoder('utf8')
  const typed = new StringDecoder('utf8')
  let last = 0
  const event = (code: AsciicastEvent[1], text: string): string => {
    if (text === '') return ''
    // a clock that was set back must not make events go back
    last = Math.max(last, Math.round(elapsed()) / 1000)
    return `${lineOf([last, code, text])}\n`
  }
  let size = ''
  return {
    output: (bytes) => event('o', shown.write(bytes)),
    input: (bytes) => event('i', typed.write(bytes)),
    resize: (columns, rows) => {
      const next = `${columns}x${rows}`
      if (next === size) return ''
      size = next
      return event('r', next)
    },
    marker: (words) => event('m', words),
    end: () => event('o', shown.end()) + event('i', typed.end()),
  }
}
