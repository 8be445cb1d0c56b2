import type { ResourcePage } from '@flotilla/api'
import { parseLabelSelector } from '@flotilla/model/label-selector'
import { FilterInput } from '../components/filter-input.tsx'
import { MultiFilter } from '../components/multi-filter.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { setAll, useSearch } from '../place/use-search.ts'
import { chipParams } from './resource-query.ts'

interface ResourceFiltersProps {
  readonly facets: ResourcePage['facets'] | undefined
  readonly total: number | undefined
}

/** The filters of a list of objects; all of them live in the address. */
export function ResourceFilters({ facets, total }: ResourceFiltersProps) {
  const { t, f } = useText()
  const [q, setQ] = useParam('q')
  const [labels, setLabels] = useParam('labels')
  const [search, change] = useSearch()
  const chosen = search.getAll('state')
  const counts = facets?.state ?? {}
  const states = [...new Set([...Object.keys(counts), ...chosen])].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))
  const wrong = labels !== '' && 'wrong' in parseLabelSelector(labels)
  return (
    <div className="filters">
      <FilterInput label={t.resources.filter} value={q} onChange={setQ} />
      <FilterInput label={t.resources.labels} value={labels} onChange={setLabels} />
      {wrong && <span className="sub">{t.resources.labelsWrong}</span>}
      <MultiFilter
        label={t.resources.anyState}
        chosen={chosen}
        onChange={(words) => change((after) => setAll(after, 'state', words))}
        choices={states.map((state) => ({
          value: state,
          text: state,
          label: (
            <>
              {state} <span className="sub">{f.number(counts[state] ?? 0)}</span>
            </>
          ),
        }))}
      />
      {chipParams.map((name) => {
        const value = search.get(name) ?? ''
        if (value === '') return null
        const text = t.resources.only(t.resources.chips[name], value)
        return (
          <button
            key={name}
            type="button"
            className="chip on"
            aria-label={t.resources.withoutChip(text)}
            onClick={() => change((after) => after.delete(name))}
          >
            <span className="clip">{text}</span> <span aria-hidden>×</span>
          </button>
        )
      })}
      <span className="count" aria-live="polite">
        {total === undefined ? '' : f.number(total)}
      </span>
    </div>
  )
}
