import type { ApplicationDetail } from '@flotilla/api'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { allowed } from '../actions/action.ts'
import { specOf } from '../app/spec-of.ts'
import { Confirm } from '../components/confirm.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useOwnTopic } from '../live/page-topic.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useAccess } from '../query/use-access.ts'
import { useReleaseList } from '../query/use-releases.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { PhaseMark } from './phase-mark.tsx'
import { releaseAddress } from './release-address.ts'
import { useCreateRelease } from './use-create-release.ts'
import './releases.css'

/** On the page of an application in governed mode: which release it runs, which goes out, and what holds it. */
export function GovernedLine({ detail }: { detail: ApplicationDetail }) {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { project, name: application } = detail
  useOwnTopic('releases')
  const list = useReleaseList({ project: [project], application: [application], phase: ['Active', 'Rolling'] })
  const query = `project=${project}&application=${application}`
  const create = useCreateRelease(
    () => void navigate(carry(`/releases?${query}&open=new&of=${project}/${application}`)),
    project,
  )
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const active = rows.find(({ phase }) => phase === 'Active')
  const hold = specOf(detail)?.hold
  return (
    <section className="panel release-line" aria-label={t.releases.title}>
      {active === undefined && list.isSuccess && <span className="muted">{t.releases.lineNone}</span>}
      {rows.map((row) => (
        <span key={row.name} className="status">
          <PhaseMark row={row} />
          <Link to={carry(releaseAddress(row))}>{row.name}</Link>
          {row.title !== undefined && <span className="sub">{visibleText(row.title)}</span>}
        </span>
      ))}
      <span className="push" />
      <Link to={carry(`/releases?${query}`)}>{t.releases.lineAll}</Link>
      <ActionButton action={{ ...create, primary: false }} small />
      {hold !== undefined && <Hold project={project} application={application} hold={hold} />}
    </section>
  )
}

interface HoldProps {
  readonly project: string
  readonly application: string
  readonly hold: { readonly since: string; readonly reason: string }
}

function Hold({ project, application, hold }: HoldProps) {
  const { t } = useText()
  const [asking, ask] = useState(false)
  const [may = allowed] = useAccess([{ verb: 'patch', resource: 'applications', project, name: application }])
  return (
    <span className="status release-hold">
      <StatusIcon look="suspended" />
      <span className="suspended">
        {t.releases.holdSince} <Time at={hold.since} as="clock" />
      </span>
      <span className="sub clip" title={hold.reason}>
        {visibleText(hold.reason)}
      </span>
      <ActionButton small action={{ id: 'app.lift-hold', label: t.releases.liftHold, may, run: () => ask(true) }} />
      {asking && (
        <Confirm
          title={t.releases.liftHoldTitle(application)}
          lead={
            <>
              {t.releases.liftHoldLead}
              <p>{visibleText(hold.reason)}</p>
            </>
          }
          submit={t.releases.liftHold}
          onClose={() => ask(false)}
          onConfirm={async () => {
            await api.applications.liftHold({ params: { project, application }, body: {} })
            void queryClient.invalidateQueries({ queryKey: keys.application(project, application) })
            notify(t.releases.holdLifted(application))
          }}
        />
      )}
    </span>
  )
}
