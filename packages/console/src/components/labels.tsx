/** Labels as small words; those that tools write for themselves are left out. */
export function Labels({ labels, most = 4 }: { labels: Readonly<Record<string, string>>; most?: number }) {
  const words = Object.entries(labels)
    .filter(([key]) => !key.includes('kubernetes.io/') && !key.startsWith('flotilla.dev/'))
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
  const rest = words.slice(most)
  return (
    <span className="labels">
      {words.slice(0, most).map((word) => (
        <span key={word} className="tag">
          {word}
        </span>
      ))}
      {rest.length > 0 && (
        <span className="sub" title={rest.join('\n')}>
          +{rest.length}
        </span>
      )}
    </span>
  )
}
