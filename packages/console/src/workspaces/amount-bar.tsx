import { CapacityBar } from '../components/capacity-bar.tsx'

/** A part of a whole; without a bar while it is not known. */
export function AmountBar({ ratio, text, label }: { ratio: number | undefined; text: string; label: string }) {
  if (ratio === undefined) return <span className="muted">{text}</span>
  return <CapacityBar used={ratio} whole={1} text={text} label={label} />
}
