import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
/** Below this the headers weigh more than what is saved. */
const leastBytes = 1400

export interface CompressedAnswer {
  readonly encoding: 'br' | 'gzip'
  readonly bytes: Buffer
}

/** Compresses a JSON answer off the main thread; undefined when it is not worth it or not wanted. */
export async function compressAnswer(
  text: string,
  acceptEncoding: string | undefined,
): Promise<CompressedAnswer | undefined> {
  if (text.length < leastBytes || acceptEncoding === undefined) return undefined
  // quality 4 is as fast as gzip and smaller
  if (accepts(acceptEncoding, 'br'))
    return { encoding: 'br', bytes: await brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }) }
  if (accepts(acceptEncoding, 'gzip')) return { encoding: 'gzip', bytes: await zip(text, { level: 5 }) }
  return undefined
}

/** RFC 9110, 12.5.3, as far as it matters here: named, and not refused with q=0. */
function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...rest] = part.trim().toLowerCase().split(';')
    return name.trim() === encoding && !rest.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter))
  })
}
