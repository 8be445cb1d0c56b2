import { useSearchParams } from 'react-router'

type ChangeSearch = (change: (search: URLSearchParams) => void, options?: { replace?: boolean }) => void

/**
 * The URL as state. A change is drawn before the next event, so that two quick ones never lose each other and a
 * checkbox shows at once what was chosen.
 */
export function useSearch(): [URLSearchParams, ChangeSearch] {
  const [search, setSearch] = useSearchParams()
  const change: ChangeSearch = (edit, options = {}) => {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before)
        edit(after)
        return after
      },
      { flushSync: true, ...options },
    )
  }
  return [search, change]
}

/** Puts all values of one name in place of those before. */
export function setAll(search: URLSearchParams, name: string, values: readonly string[]): void {
  search.delete(name)
  for (const value of values) search.append(name, value)
}
