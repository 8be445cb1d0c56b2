import type { ReleaseRow } from '@flotilla/api'
import { FilterInput } from '../components/filter-input.tsx'
import { MultiFilter } from '../components/multi-filter.tsx'
import { ProjectFilter } from '../components/project-filter.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { setAll, useSearch } from '../place/use-search.ts'
import { PhaseMark } from './phase-mark.tsx'
import { phases, waitsOnly } from './release-query.ts'

/** The filters of the list; all of them live in the address. */
export function ReleaseFilters({ rows, total }: { rows: readonly ReleaseRow[]; total: number | undefined }) {
  const { t, f } = useText()
  const [q, setQ] = useParam('q')
  const [search, changeSearch] = useSearch()
  const choose = (name: string) => (words: readonly string[]) => changeSearch((after) => setAll(after, name, words))
  const asked = search.getAll('application')
  const applications = [...new Set([...asked, ...rows.map(({ application }) => application)])].sort()
  const waits = waitsOnly(search)
  return (
    <div className="filters">
      <FilterInput label={t.releases.filter} value={q} onChange={setQ} />
      <button
        type="button"
        className={waits ? 'chip on' : 'chip'}
        aria-pressed={waits}
        onClick={() => changeSearch((after) => setAll(after, 'waits', waits ? [] : ['approval']))}
      >
        {t.releases.waitingOnly}
      </button>
      {!waits && (
        <MultiFilter
          label={t.releases.phase}
          chosen={search.getAll('phase')}
          onChange={choose('phase')}
          choices={phases.map((phase) => ({
            value: phase,
            label: <PhaseMark row={{ phase, freezing: false }} />,
            text: t.releases.phases[phase],
          }))}
        />
      )}
      <MultiFilter
        label={t.releases.application}
        chosen={asked}
        onChange={choose('application')}
        choices={applications.map((name) => ({ value: name, label: name, text: name }))}
      />
      <ProjectFilter label={t.releases.project} />
      <span className="count" aria-live="polite">
        {total === undefined ? '' : f.number(total)}
      </span>
    </div>
  )
}
