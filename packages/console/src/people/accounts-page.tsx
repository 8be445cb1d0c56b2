import { useText } from '../i18n/text.ts'
import { AccountsPanel } from '../service-accounts/accounts-panel.tsx'
import { Page } from '../shell/page.tsx'
import { PeopleTabs } from './people-tabs.tsx'

/** Accounts for programs, of the platform itself. */
export function AccountsPage() {
  const { t } = useText()
  return (
    <Page
      crumbs={[{ text: t.shell.access }, { text: t.people.title, to: '/access/people' }, { text: t.accounts.title }]}
      title={t.accounts.title}
      tabs={<PeopleTabs active="accounts" />}
    >
      <AccountsPanel place={{ scope: 'platform' }} />
    </Page>
  )
}
