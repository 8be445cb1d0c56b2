import type { ReactNode } from 'react'
import type { Look } from './health-look.ts'

const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 } as const

/** One shape per state, so that colour is never the only sign. */
const shapes: Record<Look, ReactNode> = {
  healthy: (
    <>
      <circle cx="7" cy="7" r="6" {...line} />
      <path d="M4.2 7.2l2 2 3.6-4" {...line} />
    </>
  ),
  progressing: (
    <>
      <circle cx="7" cy="7" r="6" {...line} opacity=".35" />
      <path className="turn" d="M7 1a6 6 0 0 1 6 6" {...line} strokeWidth="2" />
    </>
  ),
  degraded: (
    <>
      <path d="M7 1.2L13.2 12.4H.8z" {...line} strokeLinejoin="round" />
      <path d="M7 5.2v3.6M7 10.2v1" {...line} />
    </>
  ),
  failed: (
    <>
      <path d="M4.3.8h5.4l3.5 3.5v5.4l-3.5 3.5H4.3L.8 9.7V4.3z" {...line} />
      <path d="M4.8 4.8l4.4 4.4M9.2 4.8L4.8 9.2" {...line} />
    </>
  ),
  suspended: <path d="M4.5 2v10M9.5 2v10" {...line} strokeWidth="2.4" />,
  missing: (
    <>
      <path d="M1.2 4.2L7 1l5.8 3.2v5.6L7 13 1.2 9.8z" {...line} strokeDasharray="2.2 1.6" strokeLinejoin="round" />
      <path d="M4.6 7h4.8" {...line} />
    </>
  ),
  unknown: (
    <>
      <circle cx="7" cy="7" r="6" {...line} strokeDasharray="2.5 2" />
      <path d="M5.4 5.6c0-2 3.2-2 3.2 0 0 1.2-1.6 1.2-1.6 2.4M7 10v.8" {...line} strokeWidth="1.4" />
    </>
  ),
}

/** The shape alone; a word stands beside it, or `label` says it to those who do not see. */
export function StatusIcon({ look, label }: { look: Look; label?: string }) {
  return (
    <svg
      className={`st ${look}`}
      viewBox="0 0 14 14"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      {shapes[look]}
    </svg>
  )
}
