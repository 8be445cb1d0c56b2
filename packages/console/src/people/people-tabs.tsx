import { PlaceTabs } from '../components/place-tabs.tsx'
import { useText } from '../i18n/text.ts'

export function PeopleTabs({ active }: { active: 'people' | 'platform' | 'roles' | 'accounts' | 'providers' }) {
  const { t } = useText()
  return (
    <PlaceTabs
      label={t.people.tabList}
      active={active}
      tabs={[
        { id: 'people', text: t.people.tabs.people, to: '/access/people' },
        { id: 'platform', text: t.people.tabs.platform, to: '/access/platform' },
        { id: 'roles', text: t.roles.title, to: '/access/roles' },
        { id: 'accounts', text: t.accounts.title, to: '/access/accounts' },
        { id: 'providers', text: t.people.tabs.providers, to: '/access/sign-in' },
      ]}
    />
  )
}
