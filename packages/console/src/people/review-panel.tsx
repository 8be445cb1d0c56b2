import type { PersonDetail, ProjectRow } from '@flotilla/api'
import type { ReactNode } from 'react'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { useProjects } from '../query/use-fleet.ts'
import { type Review, useReview } from '../query/use-people.ts'
import { hostKinds, memberKinds, type ReviewedKind, reviewQuestions } from './review-questions.ts'
import { ReviewTable } from './review-table.tsx'

/** What somebody may do in a place, as the clusters' own authorizers say it. What is asked is in the address. */
export function ReviewPanel({ person }: { person: PersonDetail }) {
  const { t } = useText()
  const { data: projects = [] } = useProjects()
  const ownProject = person.grants.find(({ project }) => project !== undefined)?.project
  const ownWorkspace = person.grants.find(({ workspace }) => workspace !== undefined)?.workspace
  const first = ownProject ?? projects.find(({ workspace }) => workspace === ownWorkspace)?.name ?? ''
  const [asked, setAsked] = useParam('in', first)
  const project = projects.find(({ name }) => name === asked)
  return (
    <section className="panel review" aria-label={t.people.review(person.name)}>
      <header>
        <h2>{t.people.review(person.name)}</h2>
        <span className="push" />
        <label className="row">
          <span className="muted">{t.people.reviewWhere}</span>
          <select className="input" value={project?.name ?? ''} onChange={(event) => setAsked(event.target.value)}>
            <option value="">{t.people.reviewPlatform}</option>
            {projects.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </header>
      {person.disabled && <div className="note">{t.people.reviewDisabled}</div>}
      {project === undefined ? (
        <Reviewed title={t.people.reviewHost} user={person.name} where={{}} kinds={hostKinds.platform} />
      ) : (
        <div className="review-pair">
          <Reviewed
            title={t.people.reviewHost}
            user={person.name}
            where={{ project: project.name }}
            kinds={hostKinds.project}
          />
          <InCluster user={person.name} project={project} />
        </div>
      )}
    </section>
  )
}

/** In the project's namespace of one cluster. */
function InCluster({ user, project }: { user: string; project: ProjectRow }) {
  const { t } = useText()
  const [chosen, setChosen] = useParam('at')
  const at = ({ cluster, namespace }: ProjectRow['targets'][number]) => `${cluster}/${namespace}`
  const target = project.targets.find((one) => at(one) === chosen) ?? project.targets[0]
  if (target === undefined) return <div className="panel-empty">{t.people.reviewNoTargets}</div>
  const { cluster, namespace } = target
  const title =
    project.targets.length === 1 ? (
      t.people.reviewMember(cluster, namespace)
    ) : (
      <select
        className="input small"
        aria-label={t.people.reviewCluster}
        value={at(target)}
        onChange={(event) => setChosen(event.target.value)}
      >
        {project.targets.map((one) => (
          <option key={at(one)} value={at(one)}>
            {t.people.reviewMember(one.cluster, one.namespace)}
          </option>
        ))}
      </select>
    )
  return (
    <Reviewed title={title} user={user} where={{ project: project.name, cluster, namespace }} kinds={memberKinds} />
  )
}

interface ReviewedProps {
  readonly title: ReactNode
  readonly user: string
  readonly where: Pick<Review, 'project' | 'cluster' | 'namespace'>
  readonly kinds: readonly ReviewedKind[]
}

function Reviewed({ title, user, where, kinds }: ReviewedProps) {
  const { t } = useText()
  const review = useReview({ user, ...where, questions: reviewQuestions(kinds) })
  return (
    <div className="reviewed">
      <h3>{title}</h3>
      {review.isPending && <SkeletonRows rows={4} />}
      {review.isError && <Problem error={review.error} />}
      {review.data !== undefined && (
        <ReviewTable
          label={`${t.people.review(user)} ${where.cluster ?? t.people.reviewHost}`}
          kinds={kinds}
          answers={review.data.answers}
          stale={review.isPlaceholderData}
        />
      )}
    </div>
  )
}
