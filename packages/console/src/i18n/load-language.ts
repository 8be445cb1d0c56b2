import type { Preferences } from '../preferences/preferences.ts'
import type { LoadedLanguage } from './language-provider.tsx'

/** Reads one language: only the one in use travels to the browser. */
export async function loadLanguage(language: Preferences['language']): Promise<LoadedLanguage> {
  switch (language) {
    case 'en': {
      const [{ en }, components] = await Promise.all([import('./en.ts'), import('antd/es/locale/en_US')])
      return { dictionary: en, components: components.default }
    }
    case 'zh-CN': {
      const [{ zhCn }, components] = await Promise.all([import('./zh-cn.ts'), import('antd/es/locale/zh_CN')])
      return { dictionary: zhCn, components: components.default }
    }
    default:
      return language satisfies never
  }
}
