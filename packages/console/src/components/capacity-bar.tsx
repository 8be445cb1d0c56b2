/** How much of a whole is taken: a bar, and the figures beside it in words. */
export function CapacityBar({
  used,
  whole,
  text,
  label,
}: {
  used: number
  whole: number
  text: string
  label: string
}) {
  const ratio = whole <= 0 ? 0 : used / whole
  const level = ratio >= 1 ? 'full' : ratio >= 0.8 ? 'high' : ''
  return (
    <span className="bar" role="img" aria-label={`${label}: ${text}`}>
      <span className="sub" aria-hidden>
        {text}
      </span>
      <span className="track" aria-hidden>
        <span className={`fill ${level}`} style={{ width: `${Math.min(100, ratio * 100)}%` }} />
      </span>
    </span>
  )
}
