import { useSearchParams } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useApplicationCount, useApplicationList } from '../query/use-applications.ts'
import { Page } from '../shell/page.tsx'
import { AppList } from './app-list.tsx'
import { AppFilters } from './app-filters.tsx'
import { AppsSentence } from './apps-sentence.tsx'
import { readListQuery } from './list-query.ts'
import { useAppsActions } from './use-apps-actions.ts'
import '../styles/table.css'

export function AppsPage() {
  const { t } = useText()
  const [search] = useSearchParams()
  const { names } = useClusterFilter()
  const query = readListQuery(search, names)
  const list = useApplicationList(query)
  const count = useApplicationCount()
  const { create } = useAppsActions()
  return (
    <Page
      crumbs={[{ text: t.apps.title }]}
      title={t.apps.title}
      actions={<ActionButton action={create} />}
      sentence={<AppsSentence />}
      fill
    >
      {count.data !== 0 && <AppFilters total={list.data?.pages[0]?.total} />}
      <AppList list={list} query={query} />
    </Page>
  )
}
