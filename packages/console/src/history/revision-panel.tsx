import type { ApplicationDetail, RevisionRow } from '@flotilla/api'
import { useQuery } from '@tanstack/react-query'
import { ActionButton } from '../actions/action-button.tsx'
import { allOf, allowed, refused } from '../actions/action.ts'
import { Problem, problemLine } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { DifferenceList } from '../difference/difference-list.tsx'
import { Failures } from '../components/failures.tsx'
import { writeApplication } from '../editor/application-text.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { useAccess } from '../query/use-access.ts'

/** What going back to a revision would change, shown before it can be done. */
export function RevisionPanel({ detail, row }: { detail: ApplicationDetail; row: RevisionRow }) {
  const { t } = useText()
  const { project, name: application } = detail
  const [mayPatch = allowed] = useAccess([{ verb: 'patch', resource: 'applications', project, name: application }])
  const preview = useQuery({
    queryKey: keys.ofApplication(project, application, 'revert-preview', [row.revision, detail.revision]),
    enabled: !row.current,
    queryFn: async ({ signal }) => {
      const { spec } = await api.applications.revision({
        params: { project, application, revision: row.revision },
        signal,
      })
      const document = writeApplication({ ...detail.application, spec })
      return await api.applications.preview({ params: { project }, body: { document, against: 'wanted' }, signal })
    },
  })
  const revert = {
    id: 'app.revert-to',
    label: t.history.revert(row.revision),
    primary: true,
    may: allOf(
      mayPatch,
      row.current ? refused(t.history.isCurrent) : allowed,
      preview.isPending && !row.current ? refused(t.shell.loading) : allowed,
    ),
    run: async () => {
      try {
        await api.applications.revert({ params: { project, application }, body: { revision: row.revision } })
        notify(t.history.reverted(row.revision))
      } catch (error) {
        notify(problemLine(error, t), { bad: true })
      }
    },
  }
  const { data } = preview
  const title = row.current ? t.history.titleCurrent(row.revision) : t.history.title(row.revision)
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span className="sub">{row.current ? t.history.isCurrent : t.history.pinned}</span>
        <span className="push" />
        <ActionButton action={revert} />
      </header>
      {!row.current && preview.isPending && <SkeletonRows rows={4} />}
      {preview.isError && <Problem error={preview.error} />}
      {data !== undefined && (
        <>
          <Failures failures={data.failures} />
          {data.items.length === 0 && data.failures.length === 0 && (
            <div className="panel-empty">{t.history.noChanges}</div>
          )}
          <DifferenceList items={data.items} showCluster />
        </>
      )}
    </section>
  )
}
