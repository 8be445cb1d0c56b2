import { FilterInput } from '../components/filter-input.tsx'
import { MultiFilter } from '../components/multi-filter.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { setAll, useSearch } from '../place/use-search.ts'
import { useProjects } from '../query/use-fleet.ts'
import { isSpan, results, type Span, sources, spans } from './audit-query.ts'
import { AuditResultMark } from './audit-result.tsx'

/** All of them live in the address. */
export function AuditFilters() {
  const { t } = useText()
  const [person, setPerson] = useParam('person')
  const [name, setName] = useParam('name')
  const [span, setSpan] = useParam('span')
  const [search, changeSearch] = useSearch()
  const { data: projects = [] } = useProjects()
  const choose = (of: string) => (words: readonly string[]) => changeSearch((after) => setAll(after, of, words))
  // the keys are those of the table itself
  const known = Object.keys(spans) as Span[]
  return (
    <div className="filters">
      <FilterInput label={t.audit.person} value={person} onChange={setPerson} />
      <FilterInput label={t.audit.name} value={name} onChange={setName} />
      <select
        className="input audit-span"
        aria-label={t.audit.time}
        value={isSpan(span) ? span : ''}
        onChange={(event) => setSpan(event.target.value)}
      >
        <option value="">{t.audit.anyTime}</option>
        {known.map((one) => (
          <option key={one} value={one}>
            {t.audit.spans[one]}
          </option>
        ))}
      </select>
      <MultiFilter
        label={t.audit.anyResult}
        chosen={search.getAll('result')}
        onChange={choose('result')}
        choices={results.map((value) => ({
          value,
          label: <AuditResultMark result={value} />,
          text: t.audit.results[value],
        }))}
      />
      <MultiFilter
        label={t.audit.anySource}
        chosen={search.getAll('source')}
        onChange={choose('source')}
        choices={sources.map((value) => ({ value, label: t.audit.sources[value], text: t.audit.sources[value] }))}
      />
      <MultiFilter
        label={t.audit.anyProject}
        chosen={search.getAll('project')}
        onChange={choose('project')}
        choices={projects.map((project) => ({ value: project.name, label: project.name, text: project.name }))}
      />
    </div>
  )
}
