import type { ApplicationDetail } from '@flotilla/api'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { allowed } from '../actions/action.ts'
import { Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useAccess } from '../query/use-access.ts'
import { useApplication } from '../query/use-applications.ts'
import { Page } from '../shell/page.tsx'
import { declaredPart, writeApplication } from './application-text.ts'
import { EditorBody } from './editor-body.tsx'

export function EditPage() {
  const { project = '', application = '' } = useParams()
  const detail = useApplication(project, application)
  if (detail.data !== undefined) return <Edit key={`${project}/${application}`} detail={detail.data} />
  return (
    <Page crumbs={[{ text: project }, { text: application }]} title={application}>
      {detail.isPending && <SkeletonRows />}
      {detail.isError && (
        <Unreadable
          error={detail.error}
          right={{ verb: 'get', resource: 'applications', scope: project }}
          onRetry={() => void detail.refetch()}
        />
      )}
    </Page>
  )
}

function Edit({ detail }: { detail: ApplicationDetail }) {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { project, name } = detail
  // editing begins from what was there when it began; what changes meanwhile is merged when it is saved
  const [fresh] = useState(() => ({
    text: writeApplication(detail.application),
    base: declaredPart(detail.application),
    resourceVersion: detail.application.metadata.resourceVersion,
  }))
  const [maySave = allowed] = useAccess([{ verb: 'update', resource: 'applications', project, name }])
  const home = carry(`/apps/${project}/${name}`)
  return (
    <EditorBody
      crumbs={[
        { text: project, to: carry(`/apps?project=${project}`) },
        { text: name, to: home },
        { text: t.app.edit },
      ]}
      title={t.editor.editTitle(name)}
      project={project}
      draftKey={`${project}/${name}`}
      fresh={fresh}
      submit={t.editor.save}
      maySave={maySave}
      onSaved={(_, outcome) => {
        notify(outcome === 'unchanged' ? t.editor.unchanged : t.editor.saved(name))
        void navigate(home)
      }}
    />
  )
}
