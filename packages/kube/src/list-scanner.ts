import { FlotillaError } from '@flotilla/model'

const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a

const longestEnvelope = 1024 * 1024
const longestKey = 16

export interface ListScannerOptions {
  readonly onItem: (json: string) => void
  /** An item beyond this many bytes is refused. */
  readonly maxItemBytes: number
}

/**
 * Cuts the JSON of a Kubernetes list into its items while it arrives, so that neither the answer nor its parsed
 * form is ever in memory whole and no single parse is long. It trusts the API server to send valid JSON; each item
 * and what surrounds the items still go through JSON.parse.
 */
export class ListScanner {
  readonly #options: ListScannerOptions
  #envelope: Buffer[] = []
  #envelopeBytes = 0
  #item: Buffer[] = []
  #itemBytes = 0
  #depth = 0
  #inItems = false
  #inString = false
  #escaped = false
  #key: number[] = []
  #isKey = false
  #lastKey = ''

  constructor(options: ListScannerOptions) {
    this.#options = options
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      // oxlint-disable-next-line typescript/no-non-null-assertion -- at is below the length; a check would cost on every byte
      const byte = chunk[at]!
      if (this.#inString) {
        this.#stringByte(byte)
        continue
      }
      switch (byte) {
        case quote:
          this.#inString = true
          this.#isKey = this.#depth === 1 && this.#lastKey === ''
          if (this.#isKey) this.#key = []
          break
        case comma:
          if (this.#depth === 1) this.#lastKey = ''
          break
        case colon:
          if (this.#depth === 1 && this.#lastKey === '') this.#lastKey = String.fromCharCode(...this.#key)
          break
        case openBracket:
          this.#depth++
          if (this.#depth === 2 && this.#lastKey === 'items') {
            this.#keepEnvelope(chunk.subarray(from, at + 1))
            this.#inItems = true
            from = at + 1
          }
          break
        case openBrace:
          this.#depth++
          if (this.#inItems && this.#depth === 3) from = at
          break
        case closeBrace:
          this.#depth--
          if (this.#inItems && this.#depth === 2) {
            this.#emit(chunk.subarray(from, at + 1))
            from = at + 1
          }
          break
        case closeBracket:
          this.#depth--
          if (this.#inItems && this.#depth === 1) {
            this.#inItems = false
            from = at
          }
          break
      }
    }
    this.#carry(chunk.subarray(from))
  }

  /** What surrounded the items, `items` being an empty array; throws when the list broke off. */
  end(): { metadata?: Record<string, unknown>; kind?: string; apiVersion?: string } {
    if (this.#depth !== 0 || this.#envelopeBytes === 0) throw brokenOff()
    return JSON.parse(Buffer.concat(this.#envelope).toString('utf8')) as ReturnType<ListScanner['end']>
  }

  #stringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash) this.#escaped = true
    else if (byte === quote) {
      this.#inString = false
      return
    }
    if (this.#isKey && this.#key.length < longestKey) this.#key.push(byte)
  }

  /** The rest of a chunk belongs to an item that goes on, to the envelope, or is only what stands between two items. */
  #carry(rest: Buffer): void {
    if (rest.length === 0) return
    if (!this.#inItems) return this.#keepEnvelope(rest)
    if (this.#depth < 3) return
    this.#item.push(rest)
    this.#itemBytes += rest.length
    if (this.#itemBytes > this.#options.maxItemBytes) throw tooLarge('An object', this.#options.maxItemBytes)
  }

  #emit(last: Buffer): void {
    const whole = this.#item.length === 0 ? last : Buffer.concat([...this.#item, last])
    this.#item = []
    this.#itemBytes = 0
    if (whole.length > this.#options.maxItemBytes) throw tooLarge('An object', this.#options.maxItemBytes)
    this.#options.onItem(whole.toString('utf8'))
  }

  #keepEnvelope(bytes: Buffer): void {
    this.#envelope.push(bytes)
    this.#envelopeBytes += bytes.length
    if (this.#envelopeBytes > longestEnvelope) throw tooLarge('What surrounds the items', longestEnvelope)
  }
}

function tooLarge(what: string, bytes: number): FlotillaError {
  return new FlotillaError('input.too_large', { message: `${what} of the list is larger than ${bytes} bytes.` })
}

function brokenOff(): Error {
  return Object.assign(new Error('the list broke off'), { code: 'UND_ERR_SOCKET' })
}
