import type { ReactNode } from 'react'
import { setPreference, usePreferences } from '../preferences/use-preferences.ts'
import { Logo } from '../shell/logo.tsx'
import './sign-in.css'

/** The quiet page before one is in: the name, a form, the two languages. */
export function SignFrame({ title, children }: { title: string; children: ReactNode }) {
  const { language } = usePreferences()
  return (
    <main className="sign">
      <title>{title}</title>
      <div className="sign-box">
        <Logo size={34} />
        <h1>{title}</h1>
        {children}
      </div>
      <button
        type="button"
        className="plain muted"
        lang={language === 'en' ? 'zh-CN' : 'en'}
        onClick={() => setPreference({ language: language === 'en' ? 'zh-CN' : 'en' })}
      >
        {language === 'en' ? '中文' : 'English'}
      </button>
    </main>
  )
}
