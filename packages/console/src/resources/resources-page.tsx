import { type ResourceName, resourceNames } from '@flotilla/api'
import { Suspense, lazy } from 'react'
import { useParams } from 'react-router'
import { PlaceTabs } from '../components/place-tabs.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { Page } from '../shell/page.tsx'
import { ResourceList } from './resource-list.tsx'
import { kindNamed } from './resource-query.ts'
import '../styles/table.css'

const ResourceDrawer = lazy(async () => ({ default: (await import('./resource-drawer.tsx')).ResourceDrawer }))

/** Objects of all clusters that the reader may see, a tab for each kind. */
export function ResourcesPage() {
  const { t } = useText()
  const { carry } = useClusterFilter()
  const kind = kindNamed(useParams()['kind'])
  const [opened, setOpened] = useParam('open')
  const place = placeOf(kind, opened)
  const title = t.resources.kinds[kind]
  return (
    <Page
      crumbs={[{ text: t.resources.title, to: carry('/resources') }, { text: title }]}
      title={title}
      tabs={
        <PlaceTabs
          label={t.resources.tabList}
          active={kind}
          tabs={resourceNames.map((name) => ({
            id: name,
            text: t.resources.kinds[name],
            to: carry(`/resources/${name}`),
          }))}
        />
      }
      fill
    >
      {/* another kind is another list: nothing of the one before is shown under its columns */}
      <ResourceList key={kind} kind={kind} />
      <Suspense>{place !== undefined && <ResourceDrawer place={place} onClose={() => setOpened('')} />}</Suspense>
    </Page>
  )
}

/** `cluster/namespace/name`; the namespace is empty for what is cluster-scoped. */
function placeOf(kind: ResourceName, opened: string) {
  const [cluster = '', namespace = '', name = ''] = opened.split('/')
  return cluster === '' || name === '' ? undefined : { kind, cluster, namespace, name }
}
