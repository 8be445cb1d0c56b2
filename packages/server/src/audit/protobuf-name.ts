/** How a body in Kubernetes' protobuf begins (k8s.io/apimachinery, serializer/protobuf). */
const magic = Buffer.from('k8s\0')

/**
 * The name in a body that kubectl sends as protobuf: runtime.Unknown (raw = 2) holds the object, whose metadata is field
 * 1, and the name field 1 of that. Undefined for anything else.
 */
export function nameInProtobuf(body: Buffer): string | undefined {
  if (!body.subarray(0, magic.length).equals(magic)) return undefined
  const raw = fieldIn(body.subarray(magic.length), 2)
  const metadata = raw === undefined ? undefined : fieldIn(raw, 1)
  const name = metadata === undefined ? undefined : fieldIn(metadata, 1)?.toString()
  return name !== undefined && /^[\x21-\x7e]{1,253}$/.test(name) ? name : undefined
}

/** The first field of that number that has a length. */
function fieldIn(bytes: Buffer, wanted: number): Buffer | undefined {
  let at = 0
  const varint = (): number | undefined => {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const tag = varint()
    if (tag === undefined) return undefined
    switch (tag % 8) {
      case 0:
        if (varint() === undefined) return undefined
        break
      case 1:
        at += 8
        break
      case 5:
        at += 4
        break
      case 2: {
        const length = varint()
        if (length === undefined || at + length > bytes.length) return undefined
        if (Math.floor(tag / 8) === wanted) return bytes.subarray(at, at + length)
        at += length
        break
      }
      default:
        return undefined
    }
  }
  return undefined
}
