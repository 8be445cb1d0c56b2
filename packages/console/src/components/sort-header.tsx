interface SortHeaderProps {
  readonly column: { readonly title: string; readonly sort?: string; readonly end?: boolean }
  readonly sort: string | undefined
  readonly onSort: ((sort: string) => void) | undefined
}

/** The head of a column; sorting goes name, then -name (downwards), then back. */
export function SortHeader({ column, sort, onSort }: SortHeaderProps) {
  const { title, sort: own } = column
  const className = column.end ? 'end' : undefined
  if (own === undefined || onSort === undefined) {
    return (
      <th scope="col" className={className}>
        {title}
      </th>
    )
  }
  const direction = sort === own ? 'ascending' : sort === `-${own}` ? 'descending' : undefined
  return (
    <th scope="col" className={className} aria-sort={direction ?? 'none'}>
      <button type="button" className="plain sort" onClick={() => onSort(direction === 'ascending' ? `-${own}` : own)}>
        {title}
        <i aria-hidden>{direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : ''}</i>
      </button>
    </th>
  )
}
