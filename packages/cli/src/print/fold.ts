/** As many rows as a person reads before saying yes. */
const most = 20

/** The first of them, and how many more there are. */
export function fold<Row>(rows: readonly Row[]): { readonly shown: readonly Row[]; readonly more: number } {
  return { shown: rows.slice(0, most), more: Math.max(0, rows.length - most) }
}
