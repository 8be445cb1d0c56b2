/** Names one cell of the matrix in the address. */
export interface CellKey {
  readonly component: string
  readonly cluster: string
  readonly namespace: string
}

/** Not a character of any of the three names. */
const separator = '~'

export const writeCellKey = ({ component, cluster, namespace }: CellKey): string =>
  [component, cluster, namespace].join(separator)

export function parseCellKey(text: string): CellKey | undefined {
  const [component = '', cluster = '', namespace = '', ...rest] = text.split(separator)
  if (component === '' || cluster === '' || namespace === '' || rest.length > 0) return undefined
  return { component, cluster, namespace }
}
