import type { ApplicationDetail } from '@flotilla/api'
import { Link, useNavigate } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { specOf } from '../app/spec-of.ts'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useOwnTopic } from '../live/page-topic.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useReleaseList } from '../query/use-releases.ts'
import { Hold } from './hold.tsx'
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
