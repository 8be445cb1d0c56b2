import { FlotillaError } from '@flotilla/model/errors'
import type { WorkspaceRow } from '@flotilla/api'
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
import { useWorkspace } from '../query/use-tenants.ts'
import { AccountsPanel } from '../service-accounts/accounts-panel.tsx'
import { RolesPanel } from '../roles/roles-panel.tsx'
import { Page } from '../shell/page.tsx'
import { StatusIcon } from '../status/status-icon.tsx'
import { describeChoice } from './describe-choice.ts'
import { ProjectsPanel } from './projects-panel.tsx'
import { SharePanel } from './share-panel.tsx'
import './workspaces.css'

const WorkspaceDialog = lazy(async () => ({ default: (await import('./workspace-dialog.tsx')).WorkspaceDialog }))
const WorkspaceQuota = lazy(async () => ({ default: (await import('./workspace-quota.tsx')).WorkspaceQuota }))
const ProjectDialog = lazy(async () => ({ default: (await import('./project-dialog.tsx')).ProjectDialog }))

/** One department: its projects and its people. */
export function WorkspacePage() {
  const { t } = useText()
  const { workspace: name = '' } = useParams()
  const workspace = useWorkspace(name)
  if (workspace.data !== undefined) return <Loaded row={workspace.data} />
  const gone = workspace.error instanceof FlotillaError && workspace.error.code === 'request.not_found'
  return (
    <Page crumbs={crumbs(t.shell.access, t.workspaces.title, name)} title={name}>
      {workspace.isPending && <SkeletonRows />}
      {gone && <EmptyState title={t.workspaces.gone} hint={t.shell.notFoundHint} />}
      {workspace.isError && !gone && (
        <Unreadable
          error={workspace.error}
          right={{ verb: 'get', resource: 'workspaces', scope: name }}
          onRetry={() => void workspace.refetch()}
        />
      )}
    </Page>
  )
}

const crumbs = (access: string, title: string, name: string) => [
  { text: access },
  { text: title, to: '/access/workspaces' },
  { text: name },
]

function Loaded({ row }: { row: WorkspaceRow }) {
  const { t } = useText()
  const { tab: word } = useParams()
  const navigate = useNavigate()
  const [open, setOpen] = useParam('open')
  const tab = word === 'members' || word === 'roles' || word === 'accounts' ? word : 'projects'
  const base = `/access/workspaces/${row.name}`
  const { addProject, edit, remove } = useWorkspaceActions(row, setOpen)
  const close = () => setOpen('')
  return (
    <Page
      crumbs={crumbs(t.shell.access, t.workspaces.title, row.name)}
      title={row.displayName ?? row.name}
      beside={row.displayName !== undefined && <span className="chip">{row.name}</span>}
      actions={
        <>
          <ActionMenu label={t.shell.more} actions={[remove]} />
          <ActionButton action={edit} />
          <ActionButton action={addProject} />
        </>
      }
      sentence={<WorkspaceSentence row={row} />}
      tabs={
        <PlaceTabs
          label={t.workspaces.tabList}
          active={tab}
          tabs={[
            { id: 'projects', text: t.workspaces.projects, to: base },
            { id: 'members', text: t.workspaces.members, to: `${base}/members` },
            { id: 'roles', text: t.roles.title, to: `${base}/roles` },
            { id: 'accounts', text: t.accounts.title, to: `${base}/accounts` },
          ]}
        />
      }
    >
      {tab === 'projects' && (
        <>
          <SharePanel
            quota={row.quota}
            change={{ ...edit, id: 'workspace.quota', label: t.quota.set, run: () => setOpen('quota') }}
          />
          <ProjectsPanel workspace={row.name} />
        </>
      )}
      {tab === 'members' && <MembersPanel place={{ scope: 'workspace', workspace: row.name }} />}
      {tab === 'roles' && <RolesPanel place={{ scope: 'workspace', workspace: row.name }} />}
      {tab === 'accounts' && <AccountsPanel place={{ scope: 'workspace', workspace: row.name }} />}
      <Suspense>
        {open === 'edit' && <WorkspaceDialog workspace={row.name} onSaved={close} onClose={close} />}
        {open === 'quota' && <WorkspaceQuota row={row} onClose={close} />}
        {open === 'project' && (
          <ProjectDialog
            workspace={row}
            onClose={close}
            onSaved={(name) => void navigate(`/access/projects/${name}`)}
          />
        )}
      </Suspense>
      {open === 'remove' && (
        <Confirm
          title={t.workspaces.removeTitle(row.name)}
          lead={t.workspaces.removeLead}
          submit={t.workspaces.removeSubmit}
          onClose={close}
          onConfirm={async () => {
            await api.kinds.remove({ params: { kind: 'Workspace', name: row.name } })
            notify(t.workspaces.removing(row.name))
            void queryClient.invalidateQueries({ queryKey: keys.workspaces })
            void navigate('/access/workspaces')
          }}
        />
      )}
    </Page>
  )
}

function useWorkspaceActions(
  row: WorkspaceRow,
  open: (what: string) => void,
): Record<'addProject' | 'edit' | 'remove', Action> {
  const { t } = useText()
  const about = { resource: 'workspaces', name: row.name }
  const [mayUpdate = allowed, mayDelete = allowed, mayMake = allowed] = useAccess([
    { verb: 'update', ...about },
    { verb: 'delete', ...about },
    { verb: 'create', resource: 'projects', workspace: row.name },
  ])
  const empty = row.projects === 0 ? allowed : refused(t.workspaces.removeHeld(row.projects))
  const actions = {
    addProject: {
      id: 'workspace.project',
      label: t.projects.add,
      may: mayMake,
      primary: true,
      run: () => open('project'),
    },
    edit: { id: 'workspace.edit', label: t.workspaces.edit, may: mayUpdate, run: () => open('edit') },
    remove: {
      id: 'workspace.remove',
      label: t.workspaces.remove,
      may: allOf(mayDelete, empty),
      danger: true,
      run: () => open('remove'),
    },
  }
  usePageActions(Object.values(actions))
  return actions
}

function WorkspaceSentence({ row }: { row: WorkspaceRow }) {
  const { t } = useText()
  const clusters = describeChoice(row.clusters, t.workspaces.allClusters)
  return (
    <p className="say">
      <StatusIcon look={row.ready ? 'healthy' : 'progressing'} />
      <span>
        <b>{row.ready ? t.workspaces.ready : t.workspaces.waiting}</b>
        {row.message !== undefined && `${t.sentence.joint}${row.message}`}
        {` · ${t.workspaces.clusters}: ${clusters}`}
        {row.description !== undefined && ` · ${row.description}`}
      </span>
    </p>
  )
}
