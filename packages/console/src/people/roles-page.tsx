import { useText } from '../i18n/text.ts'
import { RolesPanel } from '../roles/roles-panel.tsx'
import { Page } from '../shell/page.tsx'
import { PeopleTabs } from './people-tabs.tsx'

/** Roles over everything. */
export function RolesPage() {
  const { t } = useText()
  return (
    <Page
      crumbs={[{ text: t.shell.access }, { text: t.people.title, to: '/access/people' }, { text: t.roles.title }]}
      title={t.roles.title}
      tabs={<PeopleTabs active="roles" />}
    >
      <RolesPanel place={{ scope: 'platform' }} />
    </Page>
  )
}
