import { setAll, useSearch } from '../place/use-search.ts'
import { useProjects } from '../query/use-fleet.ts'
import { MultiFilter } from './multi-filter.tsx'

/** Only those of some projects; which, is in the address. */
export function ProjectFilter({ label }: { label: string }) {
  const [search, change] = useSearch()
  const { data: projects = [] } = useProjects()
  return (
    <MultiFilter
      label={label}
      chosen={search.getAll('project')}
      onChange={(names) => change((after) => setAll(after, 'project', names))}
      choices={projects.map(({ name }) => ({ value: name, label: name, text: name }))}
    />
  )
}
