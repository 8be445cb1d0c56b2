import { useSearchParams } from 'react-router'

/** One value of the URL as state. Typing replaces the address, so that Back leads to the page before, not to each letter. */
export function useParam(name: string, otherwise = ''): [string, (value: string) => void] {
  const [search, setSearch] = useSearchParams()
  const set = (value: string) => {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before)
        if (value === otherwise) after.delete(name)
        else after.set(name, value)
        return after
      },
      { replace: true },
    )
  }
  return [search.get(name) ?? otherwise, set]
}
