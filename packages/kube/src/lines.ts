import { FlotillaError } from '@flotilla/model'

const newline = 0x0a

/** Cuts a byte stream into lines, without their end; a line beyond `maxBytes` is refused, an unfinished last one dropped. */
export async function* lines(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let carried: Buffer[] = []
  let carriedBytes = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (;;) {
      const end = bytes.indexOf(newline, from)
      if (end < 0) break
      const piece = bytes.subarray(from, end)
      const line = carried.length === 0 ? piece : Buffer.concat([...carried, piece])
      carried = []
      carriedBytes = 0
      from = end + 1
      if (line.length > 0) yield line.toString('utf8')
    }
    if (from === bytes.length) continue
    carried.push(bytes.subarray(from))
    carriedBytes += bytes.length - from
    if (carriedBytes > maxBytes) {
      throw new FlotillaError('input.too_large', { message: `A line of the answer is larger than ${maxBytes} bytes.` })
    }
  }
}
