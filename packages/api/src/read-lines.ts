import { FlotillaError } from '@flotilla/model/errors'

/** A line longer than this is no line of ours. */
const longestLine = 4 * 1024 * 1024

/** Lines of a byte stream, without their ends; stops reading when the consumer stops. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      let start = 0
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
        yield rest.slice(start, end > start && rest[end - 1] === '\r' ? end - 1 : end)
        start = end + 1
      }
      rest = rest.slice(start)
      if (done) {
        if (rest !== '') yield rest
        return
      }
      if (rest.length > longestLine)
        throw new FlotillaError('input.too_large', { message: 'The server sent a line that is too long' })
    }
  } finally {
    // nobody is left to hear why it could not be cancelled
    await reader.cancel().catch(() => undefined)
  }
}
