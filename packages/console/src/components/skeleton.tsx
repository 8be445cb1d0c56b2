/** Rows to come: the page keeps its shape while it is read. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div className="skeleton" aria-hidden>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ width: `${88 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  )
}
