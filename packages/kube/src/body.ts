import { FlotillaError } from '@flotilla/model'

/** Reads a body up to `maxBytes`; `input.too_large` beyond. */
export async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) {
      throw new FlotillaError('input.too_large', {
        message: `The API server's answer is larger than ${maxBytes} bytes.`,
        remedy: 'Ask for less: a namespace, a selector, or a smaller page.',
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** Parses JSON bytes; an empty body is undefined, and one that is not JSON is its text. */
export function parseBody(bytes: Buffer, contentType: string | string[] | undefined): unknown {
  if (bytes.length === 0) return undefined
  const text = bytes.toString('utf8')
  if (!String(contentType ?? '').includes('json')) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
