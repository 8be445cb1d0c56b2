/** Powers of ten and of two, as nanounits: the smallest that Kubernetes keeps. */
const factors: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 10n ** 9n * 2n ** 10n,
  Mi: 10n ** 9n * 2n ** 20n,
  Gi: 10n ** 9n * 2n ** 30n,
  Ti: 10n ** 9n * 2n ** 40n,
  Pi: 10n ** 9n * 2n ** 50n,
  Ei: 10n ** 9n * 2n ** 60n,
}
const whole = 10n ** 9n
const greatest = (2n ** 63n - 1n) * whole
/** An exponent beyond this says no more than the greatest or the smallest that there is. */
const widest = 60

const grammar = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/

/**
 * A Kubernetes resource.Quantity in nanounits, exactly; undefined for what is none. As Kubernetes does it: below a
 * nanounit it is rounded up, away from zero, and beyond 2^63-1 it is 2^63-1.
 */
export function nanosOf(quantity: unknown): bigint | undefined {
  const text = typeof quantity === 'number' ? String(quantity) : quantity
  if (typeof text !== 'string' || text.length > 64) return undefined
  const match = grammar.exec(text)
  if (match === null) return undefined
  const [, sign, before = '', after = '', exponent, suffix = ''] = match
  if (before === '' && after === '') return undefined
  const digits = BigInt(`${before}${after}`)
  const power = Math.max(-widest - 64, Math.min(widest, Number(exponent ?? 0)))
  const factor = factors[suffix] ?? 0n
  const scaled = digits * factor * 10n ** BigInt(Math.max(0, power))
  const divisor = 10n ** BigInt(after.length + Math.max(0, -power))
  const nanos = (scaled + divisor - 1n) / divisor
  const bounded = nanos > greatest ? greatest : nanos
  return sign === '-' ? -bounded : bounded
}

/** A Kubernetes resource.Quantity as a number; 0 for what is none. */
export function parseQuantity(quantity: unknown): number {
  if (typeof quantity === 'number') return quantity
  const nanos = nanosOf(quantity)
  return nanos === undefined ? 0 : Number(nanos) / 1e9
}

/** The smallest part of a resource that is given to anybody: a thousandth of a processor, a byte, one object. */
export const unitOf = (resource: string): bigint => (/\.cpu$|^cpu$/.test(resource) ? 10n ** 6n : whole)

const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const

/** As people write an amount of a resource: 1500m, 3, 10Gi. */
export function formatQuantity(resource: string, nanos: bigint): string {
  if (nanos % whole !== 0n) return nanos % 10n ** 6n === 0n ? `${nanos / 10n ** 6n}m` : `${nanos}n`
  const amount = nanos / whole
  if (amount !== 0n && /memory$|storage$/.test(resource)) {
    for (const suffix of binary) {
      const size = (factors[suffix] ?? 1n) / whole
      if (amount % size === 0n) return `${amount / size}${suffix}`
    }
  }
  return String(amount)
}
