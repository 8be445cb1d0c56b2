import { Button } from 'antd'
import { Link, useRouteError } from 'react-router'
import { EmptyState } from '../components/empty-state.tsx'
import { useText } from '../i18n/text.ts'
import { Page } from './page.tsx'

/** What is left when a page could not be drawn. A chunk that is gone means that the server was updated: reloading mends it. */
export function BrokenPage() {
  const { t } = useText()
  const error = useRouteError()
  return (
    <EmptyState title={t.shell.brokenTitle} hint={t.shell.brokenHint}>
      <div className="v">{error instanceof Error ? error.message : String(error)}</div>
      <Button type="primary" onClick={() => location.reload()}>
        {t.shell.reload}
      </Button>
    </EmptyState>
  )
}

export function NotFoundPage() {
  const { t } = useText()
  return (
    <Page crumbs={[{ text: t.shell.notFoundTitle }]} title={t.shell.notFoundTitle}>
      <EmptyState title={t.shell.notFoundTitle} hint={t.shell.notFoundHint}>
        <Link to="/apps">{t.shell.home}</Link>
      </EmptyState>
    </Page>
  )
}
