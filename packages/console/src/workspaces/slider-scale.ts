import { formatQuantity, nanosOf } from '@flotilla/model/quantity'

/** Where a slider goes, in steps that people would write themselves. */
export interface SliderScale {
  /** In nanounits. */
  readonly step: bigint
  readonly most: bigint
  /** How many steps there are from nothing to the most; the last may be a shorter one. */
  readonly steps: number
}

const whole = 10n ** 9n
const mebi = whole * 2n ** 20n
const isBytes = (resource: string): boolean => /(memory|storage)$/.test(resource)
const isCpu = (resource: string): boolean => /(^|\.)cpu$/.test(resource)

/** At least so many steps: finer ones than these are written beside the slider. */
const fewest = 40n

/** 1, 2, 5, 10 ... of a unit, or its powers of two. */
function* niceSteps(resource: string): Iterable<bigint> {
  if (isBytes(resource)) for (let step = mebi; ; step *= 2n) yield step
  const unit = isCpu(resource) ? whole / 100n : whole
  for (let ten = unit; ; ten *= 10n) yield* [ten, ten * 2n, ten * 5n]
}

/** What a slider shows room for where nothing bounds it. */
const usual = (resource: string): bigint =>
  isBytes(resource) ? 16n * 1024n * mebi : isCpu(resource) ? 8n * whole : 50n * whole

/**
 * @param most what the workspace has left for it, with what it has; undefined where nothing bounds it
 * @param values what has to be seen on the slider in any case
 */
export function scaleOf(
  resource: string,
  most: bigint | undefined,
  values: readonly (bigint | undefined)[],
): SliderScale {
  const seen = values.reduce<bigint>((greatest, one) => (one !== undefined && one > greatest ? one : greatest), 0n)
  const room = most ?? (seen * 2n > usual(resource) ? seen * 2n : usual(resource))
  const end = room > seen ? room : seen
  if (end === 0n) return { step: whole, most: 0n, steps: 0 }
  let step = 1n
  for (const nice of niceSteps(resource)) {
    if (step > 1n && end / nice < fewest) break
    step = nice
  }
  return { step, most: end, steps: Number((end + step - 1n) / step) }
}

/** What a place of the slider means, as it is written. */
export function amountAt({ step, most }: SliderScale, resource: string, position: number): string {
  const amount = BigInt(Math.max(0, Math.round(position))) * step
  return formatQuantity(resource, amount > most ? most : amount)
}

/** Where the slider stands for an amount: at the nearest place below, and at its end for the most. */
export function positionOf({ step, most, steps }: SliderScale, amount: string | bigint | undefined): number {
  const nanos = typeof amount === 'bigint' ? amount : nanosOf(amount)
  if (nanos === undefined || nanos <= 0n) return 0
  return nanos >= most ? steps : Number(nanos / step)
}
