import { useState } from 'react'
import { ActionButton } from '../actions/action-button.tsx'
import { allowed } from '../actions/action.ts'
import { specOf } from '../app/spec-of.ts'
import { Confirm } from '../components/confirm.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useAccess } from '../query/use-access.ts'
import { useApplication } from '../query/use-applications.ts'
import { StatusIcon } from '../status/status-icon.tsx'

interface HoldProps {
  readonly project: string
  readonly application: string
  readonly hold: { readonly since: string; readonly reason: string }
}

/** What keeps releases of an application from going out, and the button that lets them. */
export function Hold({ project, application, hold }: HoldProps) {
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

/** On the page of a release: the hold of its application, while there is one. */
export function HoldOf({ project, application }: Pick<HoldProps, 'project' | 'application'>) {
  const { t } = useText()
  const { data } = useApplication(project, application)
  const hold = data && specOf(data)?.hold
  if (hold === undefined) return null
  return (
    <section className="panel release-line" aria-label={t.releases.hold}>
      <Hold project={project} application={application} hold={hold} />
    </section>
  )
}
