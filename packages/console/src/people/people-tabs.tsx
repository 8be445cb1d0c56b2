import { PlaceTabs } from '../components/place-tabs.tsx'
import { useText } from '../i18n/text.ts'

export function PeopleTabs({ active }: { active: 'people' | 'platform' | 'providers' }) {
  const { t } = useText()
  return (
    <PlaceTabs
      label={t.people.tabList}
      active={active}
      tabs={[
        { id: 'people', text: t.people.tabs.people, to: '/access/people' },
        { id: 'platform', text: t.people.tabs.platform, to: '/access/platform' },
        { id: 'providers', text: t.people.tabs.providers, to: '/access/sign-in' },
      ]}
    />
  )
}
