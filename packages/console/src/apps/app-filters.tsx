import { FilterInput } from '../components/filter-input.tsx'
import { MultiFilter } from '../components/multi-filter.tsx'
import { ProjectFilter } from '../components/project-filter.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { setAll, useSearch } from '../place/use-search.ts'
import { lookOf } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { filterStates } from './list-query.ts'

/** The filters of the list; all of them live in the address. */
export function AppFilters({ total }: { total: number | undefined }) {
  const { t, f } = useText()
  const [q, setQ] = useParam('q')
  const [search, changeSearch] = useSearch()
  const choose = (name: string) => (words: readonly string[]) => changeSearch((after) => setAll(after, name, words))
  return (
    <div className="filters">
      <FilterInput label={t.apps.filter} value={q} onChange={setQ} />
      <MultiFilter
        label={t.apps.anyHealth}
        chosen={search.getAll('health')}
        onChange={choose('health')}
        choices={filterStates.map((state) => ({
          value: state,
          label: (
            <span className="status">
              <StatusIcon look={lookOf(state)} /> {t.status.health[state]}
            </span>
          ),
          text: t.status.health[state],
        }))}
      />
      <ProjectFilter label={t.apps.anyProject} />
      <span className="count" aria-live="polite">
        {total === undefined ? '' : f.number(total)}
      </span>
    </div>
  )
}
