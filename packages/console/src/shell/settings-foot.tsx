import { Popover } from 'antd'
import { useState } from 'react'
import { useText } from '../i18n/text.ts'
import { usePreferences } from '../preferences/use-preferences.ts'
import { useSession } from '../query/use-session.ts'
import { SettingsPanel } from './settings-panel.tsx'

/** Who is signed in, and how this browser shows things. */
export function SettingsFoot() {
  const { t } = useText()
  const { theme, language } = usePreferences()
  const [open, setOpen] = useState(false)
  const person = useSession().data?.person
  const themeNames = { light: t.shell.light, dark: t.shell.dark, system: t.shell.system }
  return (
    <div className="foot">
      <Popover
        trigger="click"
        open={open}
        onOpenChange={setOpen}
        placement="topLeft"
        arrow={false}
        content={<SettingsPanel />}
        destroyOnHidden
      >
        <button type="button" className="plain foot-button" aria-expanded={open} aria-haspopup="dialog">
          <span className="visually-hidden">{t.shell.account}: </span>
          <span className="clip" style={{ display: 'block' }}>
            {person?.displayName ?? person?.name ?? ''}
          </span>
          <span className="sub">
            {language === 'en' ? 'English' : '中文'} · {themeNames[theme]} ◐
          </span>
        </button>
      </Popover>
    </div>
  )
}
