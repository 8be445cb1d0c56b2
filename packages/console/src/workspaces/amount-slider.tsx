import { nanosOf } from '@flotilla/model/quantity'
import { useId } from 'react'
import { useText } from '../i18n/text.ts'
import { faultyAmounts } from './amount-fields.ts'
import { showAmount } from '@flotilla/model/quota-figures'
import { amountAt, positionOf, scaleOf } from './slider-scale.ts'

interface AmountSliderProps {
  readonly resource: string
  /** Whose amount it is, for those who do not see where it stands. */
  readonly about: string
  /** As it is written; empty: no bound. */
  readonly value: string
  /** In nanounits: what it may be at most; undefined where nothing bounds it. */
  readonly most?: bigint | undefined
  /** What is used, or given on: less than that is said. */
  readonly taken?:
    | { readonly amount: bigint; readonly words: (amount: string) => string; readonly below: string }
    | undefined
  readonly onChange: (value: string) => void
}

/** An amount as a slider with what is used and left, and as a text beside it for what lies between its steps. */
export function AmountSlider({ resource, about, value, most, taken, onChange }: AmountSliderProps) {
  const { t } = useText()
  const id = useId()
  const nanos = nanosOf(value.trim())
  const scale = scaleOf(resource, most, [nanos, taken?.amount])
  const wrong = faultyAmounts({ value }).length > 0
  const over = most !== undefined && nanos !== undefined && nanos > most
  const below = taken !== undefined && nanos !== undefined && nanos < taken.amount
  const rest = most === undefined ? undefined : showAmount(resource, most > (nanos ?? 0n) ? most - (nanos ?? 0n) : 0n)
  const left = rest === undefined ? undefined : nanos === undefined ? t.quota.atMost(rest) : t.quota.leftOf(rest)
  const words = value.trim() === '' ? t.quota.unbounded : nanos === undefined ? value : showAmount(resource, nanos)
  const mark = taken === undefined || scale.most === 0n ? undefined : Number((taken.amount * 1000n) / scale.most) / 10
  return (
    <div className="amount-slider">
      <label htmlFor={id}>{resource}</label>
      <span className="track">
        <input
          id={id}
          type="range"
          min={0}
          max={scale.steps}
          step={1}
          disabled={scale.steps === 0}
          value={positionOf(scale, nanos)}
          aria-label={`${about} ${resource}`}
          aria-valuetext={left === undefined ? words : `${words}, ${left}`}
          aria-describedby={`${id}-about`}
          onChange={(event) => onChange(amountAt(scale, resource, event.target.valueAsNumber))}
        />
        {mark !== undefined && <span className="taken" style={{ width: `${Math.min(100, mark)}%` }} aria-hidden />}
      </span>
      <input
        className="input"
        aria-label={t.quota.amountOf(about, resource)}
        aria-invalid={wrong || over}
        maxLength={32}
        spellCheck={false}
        autoComplete="off"
        placeholder={t.quota.unbounded}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <span id={`${id}-about`} className={wrong || over || below ? 'sub failed' : 'sub'}>
        {wrong && t.quota.wrong}
        {over && most !== undefined && t.quota.over(showAmount(resource, most))}
        {!wrong &&
          !over &&
          [
            ...(taken === undefined ? [] : [taken.words(showAmount(resource, taken.amount))]),
            ...(left === undefined ? [] : [left]),
            ...(below ? [taken.below] : []),
          ].join(' · ')}
      </span>
    </div>
  )
}
