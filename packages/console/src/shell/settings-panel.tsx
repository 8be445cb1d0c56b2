import { Button, Segmented } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useText } from '../i18n/text.ts'
import type { Preferences } from '../preferences/preferences.ts'
import { setPreference, usePreferences } from '../preferences/use-preferences.ts'
import { api } from '../query/api.ts'
import { queryClient } from '../query/query-client.ts'
import { useSession } from '../query/use-session.ts'

/** Ends the session here and on the server; nothing of it stays in memory. */
export async function signOut(): Promise<void> {
  // the session may be gone already; then there is nothing left to end
  await api.session.signOut().catch(() => undefined)
  queryClient.clear()
}

export function SettingsPanel() {
  const { t } = useText()
  const { theme, language, zone } = usePreferences()
  const navigate = useNavigate()
  const name = useSession().data?.person.name ?? ''
  return (
    <div className="settings" role="dialog" aria-label={t.shell.account}>
      <div>{t.shell.signedInAs(name)}</div>
      <div>
        <h3>{t.shell.language}</h3>
        <Segmented<Preferences['language']>
          block
          aria-label={t.shell.language}
          value={language}
          onChange={(value) => setPreference({ language: value })}
          options={[
            { value: 'zh-CN', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </div>
      <div>
        <h3>{t.shell.theme}</h3>
        <Segmented<Preferences['theme']>
          block
          aria-label={t.shell.theme}
          value={theme}
          onChange={(value) => setPreference({ theme: value })}
          options={[
            { value: 'light', label: t.shell.light },
            { value: 'dark', label: t.shell.dark },
            { value: 'system', label: t.shell.system },
          ]}
        />
      </div>
      <div>
        <h3>{t.shell.zone}</h3>
        <Segmented<Preferences['zone']>
          block
          aria-label={t.shell.zone}
          value={zone}
          onChange={(value) => setPreference({ zone: value })}
          options={[
            { value: 'local', label: t.shell.local },
            { value: 'utc', label: t.shell.utc },
          ]}
        />
      </div>
      <Link to="/tokens">{t.tokens.title}</Link>
      <Button onClick={() => void signOut().then(() => navigate('/sign-in'))}>{t.shell.signOut}</Button>
    </div>
  )
}
