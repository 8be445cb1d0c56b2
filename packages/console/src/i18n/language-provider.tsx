import { ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import { type ReactNode, useMemo } from 'react'
import { useMotion, usePreferences, useThemeMode } from '../preferences/use-preferences.ts'
import { antTheme } from '../theme/ant-theme.ts'
import type { Dictionary } from './en.ts'
import { createFormat } from './format.ts'
import { TextContext } from './text.ts'

export interface LoadedLanguage {
  readonly dictionary: Dictionary
  readonly components: Locale
}

/** Gives words, formats and the component theme to everything below. */
export function LanguageProvider({ loaded, children }: { loaded: LoadedLanguage; children: ReactNode }) {
  const { language, zone } = usePreferences()
  const mode = useThemeMode()
  const motion = useMotion()
  const text = useMemo(() => ({ t: loaded.dictionary, f: createFormat(language, zone) }), [loaded, language, zone])
  const theme = useMemo(() => antTheme(mode, motion), [mode, motion])
  return (
    <TextContext value={text}>
      <ConfigProvider theme={theme} locale={loaded.components} button={{ autoInsertSpace: false }}>
        {children}
      </ConfigProvider>
    </TextContext>
  )
}
