import type { ProjectDetail } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { notEnforcedIn } from './target-network.tsx'
import { targetLook, worstTargets } from './target-state.ts'

/** Where the project is not as it should be, and why; or that all is well. */
export function ProjectSentence({ detail }: { detail: ProjectDetail }) {
  const { t, f } = useText()
  const { targets, description } = detail
  const worst = worstTargets(targets)
  const [first] = worst
  const more = description === undefined ? '' : ` · ${description}`
  const open = notEnforcedIn(targets)
  if (first === undefined && open.length > 0) {
    return (
      <p className="say">
        <StatusIcon look="degraded" />
        <span>
          <b>{t.network.notEnforcedLead(f.list(open.slice(0, 4)))}</b>
          {more}
        </span>
      </p>
    )
  }
  if (first === undefined) {
    return (
      <p className="say">
        <StatusIcon look={detail.ready ? 'healthy' : 'progressing'} />
        <span>
          <b>{detail.ready ? t.projects.allReady(targets.length) : t.workspaces.waiting}</b>
          {detail.message !== undefined && `${t.sentence.joint}${detail.message}`}
          {more}
        </span>
      </p>
    )
  }
  const places = f.list([...new Set(worst.map(({ cluster }) => cluster))].slice(0, 4))
  const leads = { Refused: t.projects.refusedLead, Unknown: t.projects.unknownLead, Pending: t.projects.waitingLead }
  return (
    <p className="say">
      <StatusIcon look={targetLook[first.state]} />
      <span>
        <b>
          {leads[first.state](places)}
          {first.message === undefined ? '' : t.sentence.joint}
        </b>
        {first.message}
        {more}
      </span>
    </p>
  )
}
