import { useText } from '../i18n/text.ts'
import { PlaceTabs } from '../components/place-tabs.tsx'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { Page } from '../shell/page.tsx'
import { RunsTable } from './runs-table.tsx'
import { viewNames } from './runs-query.ts'
import { WhereTable } from './where-table.tsx'
import '../styles/table.css'
import './runs.css'

/** What ran where and when, by which release; and where an image runs now. */
export function RunsPage() {
  const { t } = useText()
  const { carry } = useClusterFilter()
  const [word] = useParam('view')
  const view = viewNames.find((name) => name === word) ?? 'ran'
  return (
    <Page
      crumbs={[{ text: t.runs.title }]}
      title={t.runs.title}
      sentence={<p className="say">{t.runs.lead}</p>}
      tabs={
        <PlaceTabs
          label={t.runs.tabList}
          active={view}
          tabs={viewNames.map((id) => ({
            id,
            text: t.runs.tabs[id],
            to: carry(id === 'ran' ? '/history' : `/history?view=${id}`),
          }))}
        />
      }
      fill
    >
      {view === 'ran' ? <RunsTable /> : <WhereTable />}
    </Page>
  )
}
