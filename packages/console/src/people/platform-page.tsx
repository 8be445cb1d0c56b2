import { useText } from '../i18n/text.ts'
import { MembersPanel } from '../members/members-panel.tsx'
import { Page } from '../shell/page.tsx'
import { PeopleTabs } from './people-tabs.tsx'

/** Who has a role over everything. */
export function PlatformPage() {
  const { t } = useText()
  return (
    <Page
      crumbs={[
        { text: t.shell.access },
        { text: t.people.title, to: '/access/people' },
        { text: t.people.platformTitle },
      ]}
      title={t.people.platformTitle}
      sentence={<p className="say">{t.people.platformLead}</p>}
      tabs={<PeopleTabs active="platform" />}
    >
      <MembersPanel place={{ scope: 'platform' }} />
    </Page>
  )
}
