export interface RowWindow {
  readonly first: number
  /** One past the last row that is drawn. */
  readonly end: number
  /** Height of what is left out above and below, in pixels. */
  readonly above: number
  readonly below: number
}

/** Which rows of a long list have to be drawn, for rows of one height. */
export function computeRowWindow(options: {
  count: number
  rowHeight: number
  scrollTop: number
  viewHeight: number
  overscan: number
}): RowWindow {
  const { count, rowHeight, scrollTop, viewHeight, overscan } = options
  const last = Math.ceil((scrollTop + viewHeight) / rowHeight) + overscan
  const end = Math.max(0, Math.min(count, last))
  const first = Math.max(0, Math.min(Math.floor(scrollTop / rowHeight) - overscan, end))
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight }
}
