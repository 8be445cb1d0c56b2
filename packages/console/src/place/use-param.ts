import { useSearch } from './use-search.ts'

/** One value of the URL as state. Typing replaces the address, so that Back leads to the page before, not to each letter. */
export function useParam(name: string, otherwise = ''): [string, (value: string) => void] {
  const [search, change] = useSearch()
  const set = (value: string) => {
    change(
      (after) => {
        if (value === otherwise) after.delete(name)
        else after.set(name, value)
      },
      { replace: true },
    )
  }
  return [search.get(name) ?? otherwise, set]
}
