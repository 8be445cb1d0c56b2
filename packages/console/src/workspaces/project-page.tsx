import { FlotillaError } from '@flotilla/model/errors'
import type { ProjectDetail } from '@flotilla/api'
import { Suspense, lazy } from 'react'
import { useNavigate, useParams } from 'react-router'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { ActionMenu } from '../actions/action-menu.tsx'
import { Confirm } from '../components/confirm.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { PlaceTabs } from '../components/place-tabs.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { MembersPanel } from '../members/members-panel.tsx'
import { notify } from '../notices/notices.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useAccess } from '../query/use-access.ts'
import { useProject, useWorkspaces } from '../query/use-tenants.ts'
import { AccountsPanel } from '../service-accounts/accounts-panel.tsx'
import { RolesPanel } from '../roles/roles-panel.tsx'
import { Page } from '../shell/page.tsx'
import { ProjectSentence } from './project-sentence.tsx'
import { QuotaPanel } from './quota-panel.tsx'
import { TargetsPanel } from './targets-panel.tsx'

const ProjectQuota = lazy(async () => ({ default: (await import('./project-quota.tsx')).ProjectQuota }))
const ProjectDialog = lazy(async () => ({ default: (await import('./project-dialog.tsx')).ProjectDialog }))

/** One project: where it lives, and who may do what there. */
export function ProjectPage() {
  const { t } = useText()
  const { project: name = '' } = useParams()
  const project = useProject(name)
  if (project.data !== undefined) return <Loaded detail={project.data} />
  const gone = project.error instanceof FlotillaError && project.error.code === 'request.not_found'
  return (
    <Page crumbs={[{ text: t.shell.access }, { text: name }]} title={name}>
      {project.isPending && <SkeletonRows />}
      {gone && <EmptyState title={t.projects.gone} hint={t.shell.notFoundHint} />}
      {project.isError && !gone && (
        <Unreadable
          error={project.error}
          right={{ verb: 'get', resource: 'projects', scope: name }}
          onRetry={() => void project.refetch()}
        />
      )}
    </Page>
  )
}

const tabs = ['quota', 'members', 'roles', 'accounts'] as const

function Loaded({ detail }: { detail: ProjectDetail }) {
  const { t } = useText()
  const { tab: word } = useParams()
  const navigate = useNavigate()
  const [open, setOpen] = useParam('open')
  const { data: workspaces = [] } = useWorkspaces()
  const { name, workspace } = detail
  const tab = tabs.find((one) => one === word) ?? 'targets'
  const base = `/access/projects/${name}`
  const { applications, edit, remove } = useProjectActions(detail, setOpen)
  const close = () => setOpen('')
  return (
    <Page
      crumbs={[
        { text: t.shell.access },
        { text: t.workspaces.title, to: '/access/workspaces' },
        { text: workspace, to: `/access/workspaces/${workspace}` },
        { text: name },
      ]}
      title={detail.displayName ?? name}
      beside={
        <>
          {detail.displayName !== undefined && <span className="chip">{name}</span>}
          <span className="chip" title={t.projects.podSecurity}>
            {t.projects.podSecurity}: {t.projects.levels[detail.podSecurity]}
          </span>
          {detail.network?.isolation === 'Isolated' && <span className="chip">{t.network.asked}</span>}
          {detail.scope === 'Cluster' && <span className="chip">{t.projects.wide}</span>}
        </>
      }
      actions={
        <>
          <ActionButton action={applications} />
          <ActionMenu label={t.shell.more} actions={[remove]} />
          <ActionButton action={edit} />
        </>
      }
      sentence={<ProjectSentence detail={detail} />}
      tabs={
        <PlaceTabs
          label={t.projects.tabList}
          active={tab}
          tabs={[
            { id: 'targets', text: t.projects.tabs.targets, to: base },
            { id: 'quota', text: t.quota.tab, to: `${base}/quota` },
            { id: 'members', text: t.projects.tabs.members, to: `${base}/members` },
            { id: 'roles', text: t.roles.title, to: `${base}/roles` },
            { id: 'accounts', text: t.accounts.title, to: `${base}/accounts` },
          ]}
        />
      }
    >
      {tab === 'targets' && <TargetsPanel targets={detail.targets} />}
      {tab === 'quota' && (
        <QuotaPanel
          detail={detail}
          change={{ ...edit, id: 'project.quota', label: t.quota.set, run: () => setOpen('quota') }}
        />
      )}
      {tab === 'members' && <MembersPanel place={{ scope: 'project', workspace, project: name }} />}
      {tab === 'roles' && <RolesPanel place={{ scope: 'project', workspace, project: name }} />}
      {tab === 'accounts' && <AccountsPanel place={{ scope: 'project', workspace, project: name }} />}
      <Suspense>
        {open === 'quota' && <ProjectQuota detail={detail} onClose={close} />}
        {open === 'edit' && (
          <ProjectDialog
            workspace={workspaces.find((one) => one.name === workspace) ?? { name: workspace }}
            project={name}
            granted={detail.quota?.granted}
            onSaved={close}
            onClose={close}
          />
        )}
      </Suspense>
      {open === 'remove' && (
        <Confirm
          title={t.projects.removeTitle(name)}
          lead={t.projects.removeLead(detail.targets.length)}
          submit={t.workspaces.removeSubmit}
          onClose={close}
          onConfirm={async () => {
            await api.kinds.remove({ params: { kind: 'Project', name }, query: { workspace } })
            notify(t.workspaces.removing(name))
            void queryClient.invalidateQueries({ queryKey: keys.projects })
            void navigate(`/access/workspaces/${workspace}`)
          }}
        />
      )}
    </Page>
  )
}

function useProjectActions(
  { name, workspace, applications }: ProjectDetail,
  open: (what: string) => void,
): Record<'applications' | 'edit' | 'remove', Action> {
  const { t } = useText()
  const navigate = useNavigate()
  const about = { resource: 'projects', workspace, name }
  const [mayUpdate = allowed, mayDelete = allowed] = useAccess([
    { verb: 'update', ...about },
    { verb: 'delete', ...about },
  ])
  const empty = applications === 0 ? allowed : refused(t.projects.removeHeld(applications))
  const actions = {
    applications: {
      id: 'project.applications',
      label: t.projects.showApplications,
      may: allowed,
      run: () => void navigate(`/apps?project=${name}`),
    },
    edit: { id: 'project.edit', label: t.workspaces.edit, may: mayUpdate, primary: true, run: () => open('edit') },
    remove: {
      id: 'project.remove',
      label: t.projects.remove,
      may: allOf(mayDelete, empty),
      danger: true,
      run: () => open('remove'),
    },
  }
  usePageActions(Object.values(actions))
  return actions
}
