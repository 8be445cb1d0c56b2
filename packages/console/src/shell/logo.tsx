export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 22 22"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="1.8"
      strokeLinejoin="round"
      aria-hidden
    >
      <path d="M2 15h8l-1.6 4H3.6zM12 13h8l-1.6 4h-4.8zM6 15V7l4 6M16 13V3l4 8" />
    </svg>
  )
}
