import { useNavigate } from 'react-router'
import { allowed } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useAccess } from '../query/use-access.ts'
import { useProjects } from '../query/use-fleet.ts'
import { newApplicationText } from './application-text.ts'
import { EditorBody } from './editor-body.tsx'

const fresh = { text: newApplicationText(), base: undefined, resourceVersion: undefined }

export function CreatePage() {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { data: projects = [] } = useProjects()
  const [chosen, setProject] = useParam('project')
  const project = chosen === '' ? (projects[0]?.name ?? '') : chosen
  const [mayCreate = allowed] = useAccess([
    { verb: 'create', resource: 'applications', ...(project === '' ? {} : { project }) },
  ])
  return (
    <EditorBody
      crumbs={[{ text: t.apps.title, to: carry('/apps') }, { text: t.editor.createTitle }]}
      title={t.editor.createTitle}
      project={project}
      draftKey="new"
      fresh={fresh}
      submit={t.editor.create}
      maySave={mayCreate}
      beside={
        <label className="row">
          <span className="muted" style={{ whiteSpace: 'nowrap' }}>
            {t.editor.project}
          </span>
          <select className="input" value={project} onChange={(event) => setProject(event.target.value)}>
            {projects.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      }
      onSaved={(name) => {
        notify(t.editor.created(name))
        void navigate(carry(`/apps/${project}/${name}`))
      }}
    />
  )
}
