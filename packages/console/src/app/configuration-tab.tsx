import type { ApplicationDetail } from '@flotilla/api'
import { Button } from 'antd'
import { useText } from '../i18n/text.ts'
import { writeApplication } from '../editor/application-text.ts'
import { YamlView } from '../editor/yaml-view.tsx'
import { notify } from '../notices/notices.ts'
import { useNavigate } from 'react-router'
import { useClusterFilter } from '../place/use-cluster-filter.ts'

/** The application as it is declared, without what the API server writes for itself. */
export function ConfigurationTab({ detail }: { detail: ApplicationDetail }) {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const text = writeApplication(detail.application)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    notify(t.shell.copied)
  }
  return (
    <section className="panel" aria-label={t.app.tabs.configuration}>
      <header>
        <h2>{t.app.yaml}</h2>
        <span className="sub">{`Application ${detail.project}/${detail.name}`}</span>
        <span className="push" />
        <Button size="small" onClick={() => void copy()}>
          {t.shell.copy}
        </Button>
        <Button size="small" onClick={() => void navigate(carry(`/apps/${detail.project}/${detail.name}/edit`))}>
          {t.app.edit}
        </Button>
      </header>
      <YamlView text={text} label={t.editor.document} />
    </section>
  )
}
